import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  jsonObjectOf,
  type JsonValue,
  memberOf,
  membersIn,
} from '@app/json';
import { RETRY_BACKOFF_DEFAULT, RETRY_DELAY_MS_DEFAULT } from '../bounds.js';
import { type TaskDefinition } from '../definition/definition.js';
import { DURATION_RULE, readDuration } from '../definition/duration.js';
import { type ProblemList } from '../validation/problem-list.js';
import { END_NAME, impliedEndOf, START_NAME } from './implied-tasks.js';
import { longConcurrency } from './concurrency-forms.js';
import { dependenciesOf } from './needs.js';
import { Places } from './places.js';
import {
  delayMsMaxDefault,
  SHORT_RETRY_DURATIONS,
  SHORT_RETRY_MEMBERS,
  SHORT_RUN_RETRY_MEMBERS,
  SHORT_TASK_MEMBERS,
  typeIn,
  type TaskTypeForms,
} from './task-members.js';

/** A definition in the long form, not validated yet, with the origin of each part. */
export interface LongForm {
  readonly definition: JsonObject;
  readonly places: Places;
  /** Places of the long form whose problem is reported already. */
  readonly reported: ReadonlySet<string>;
}

/**
 * Converts the short form to the long one. Members that the short form does not have are reported. All other faults are
 * left to the validation of the long form, whose paths `places` maps back. Nothing is lost: `shortForm` returns what
 * was written, except for other spellings of the same.
 */
export function longForm(input: JsonObject, types: TaskTypeForms, problems: ProblemList): LongForm {
  const compiler = new ShortFormCompiler(types, problems);
  const { places, reported } = compiler;
  return { definition: compiler.definition(input), places, reported };
}

const MEMBERS = ['tasks', 'finally', 'params', 'timeout', 'retry', 'notify', 'concurrency'];

type Written = readonly (readonly [string, JsonValue])[];

function afterStart(start: string | undefined): readonly JsonObject[] {
  return start === undefined ? [] : [{ taskRef: start }];
}

class ShortFormCompiler {
  readonly places = new Places();
  /** Paths of the long form whose problems are reported already, so that the validation need not repeat them. */
  readonly reported = new Set<string>();
  #decisions: ReadonlySet<string> = new Set();

  constructor(
    private readonly types: TaskTypeForms,
    private readonly problems: ProblemList,
  ) {}

  definition(input: JsonObject): JsonObject {
    const { tasks = null, finally: last = null, params, timeout, ...rest } = input;
    const { retry, notify, concurrency, ...others } = rest;
    for (const name of Object.keys(others)) {
      const hint = name === 'timeoutMs' ? 'timeout' : name;
      this.problems.addUnknownMember(name, hint, MEMBERS);
    }
    return {
      tasks: this.#tasks(
        isJsonObject(tasks) ? membersIn(tasks) : [],
        isJsonObject(last) ? membersIn(last) : this.#noObject('finally', last),
      ),
      ...(params !== undefined && { params: this.#params(params) }),
      ...(timeout !== undefined && { timeoutMs: this.#duration(timeout, 'timeoutMs', 'timeout') }),
      ...(retry !== undefined && {
        retry: this.#retry(retry, 'retry', 'retry', SHORT_RUN_RETRY_MEMBERS),
      }),
      ...(notify !== undefined && { notify }),
      ...(concurrency !== undefined && { concurrency: this.#concurrency(concurrency) }),
    };
  }

  #concurrency(written: JsonValue): JsonValue {
    return longConcurrency(
      written,
      (value, long, short) => this.#duration(value, long, short),
      (name) => {
        const [meant, known] = [name.replace('Ms', ''), ['debounce', 'throttle']];
        this.problems.addUnknownMember(`concurrency.${name}`, meant, known);
      },
    );
  }

  #noObject(path: string, value: JsonValue): readonly [] {
    if (value !== null) this.problems.add(path, 'must be an object of tasks, by name');
    return [];
  }

  #tasks(written: Written, last: Written): readonly JsonObject[] {
    const types = written.map(([, task]) =>
      isJsonObject(task) ? typeIn(task, this.types) : undefined,
    );
    this.#decisions = new Set(
      [...written, ...last]
        .filter(([, task]) => isJsonObject(task) && typeIn(task, this.types) === 'decision')
        .map(([name]) => name),
    );
    const startAt = types.indexOf('start');
    const start = startAt === -1 ? START_NAME : (written[startAt]?.[0] ?? START_NAME);
    const first = startAt === -1 ? [{ name: START_NAME, type: 'start' }] : [];
    const tasks: JsonObject[] = [...first];
    for (const [name, task] of written) {
      tasks.push(this.#task(name, task, `tasks.${name}`, tasks.length, start));
    }
    if (!types.includes('end')) {
      const dependencies = impliedEndOf(tasks as unknown as readonly TaskDefinition[], start);
      const end = { name: END_NAME, type: 'end', dependencies };
      tasks.push(end as unknown as JsonObject);
    }
    for (const [name, task] of last) {
      const made = this.#task(name, task, `finally.${name}`, tasks.length, undefined);
      tasks.push({ ...made, finally: true });
    }
    return tasks;
  }

  /** @param start what a task without `needs` depends on; undefined for tasks of `finally` */
  #task(
    name: string,
    task: JsonValue,
    short: string,
    at: number,
    start: string | undefined,
  ): JsonObject {
    const long = `tasks[${at}]`;
    const type = isJsonObject(task) ? typeIn(task, this.types) : undefined;
    this.places.set(long, short);
    this.places.set(`${long}.name`, short);
    if (!isJsonObject(task)) {
      this.reported.add(`${long}.type`);
      this.problems.add(short, 'must be an object with a task type and what it takes');
      return { name, type: 'manual', dependencies: afterStart(start) };
    }
    if (type === undefined) this.reported.add(`${long}.type`);
    else this.places.set(`${long}.type`, `${short}.${type}`);
    this.#reportMembers(task, type, short);
    const { needs, timeout, retry } = task;
    return {
      name,
      // For a missing type, a type without required parameters stands in, so that the validation reports no others.
      type: type ?? 'manual',
      ...this.#dependencies(needs, type, long, short, start),
      params: this.#taskParams(type, task, long, short),
      ...(timeout !== undefined && {
        timeoutMs: this.#duration(timeout, `${long}.timeoutMs`, `${short}.timeout`),
      }),
      ...(retry !== undefined && { retry: this.#retry(retry, `${long}.retry`, `${short}.retry`) }),
    };
  }

  #reportMembers(task: JsonObject, type: string | undefined, path: string): void {
    const words = [...this.types.keys(), ...SHORT_TASK_MEMBERS];
    if (
      type === undefined &&
      Object.keys(task).every((name) => SHORT_TASK_MEMBERS.includes(name))
    ) {
      this.problems.add(path, `names no task type: ${[...this.types.keys()].join(', ')}`);
    }
    for (const name of Object.keys(task)) {
      if (name === type || SHORT_TASK_MEMBERS.includes(name)) continue;
      const at = `${path}.${name}`;
      if (this.types.has(name)) {
        this.problems.add(at, `a task has one type, and this one is of type "${type ?? ''}"`);
        continue;
      }
      const detail = `is neither a task type nor one of ${SHORT_TASK_MEMBERS.join(', ')}`;
      this.problems.addUnknown(at, detail, name, words);
    }
  }

  #dependencies(
    needs: JsonValue | undefined,
    type: string | undefined,
    long: string,
    short: string,
    start: string | undefined,
  ): JsonObject {
    this.places.set(`${long}.dependencies`, `${short}.needs`);
    if (needs === undefined) return type === 'start' ? {} : { dependencies: afterStart(start) };
    const context = {
      short: `${short}.needs`,
      long: `${long}.dependencies`,
      isDecision: (task: string) => this.#decisions.has(task),
      places: this.places,
      problems: this.problems,
    };
    return { dependencies: dependenciesOf(needs, context) };
  }

  #taskParams(
    type: string | undefined,
    task: JsonObject,
    long: string,
    short: string,
  ): readonly JsonObject[] {
    if (type === undefined) return [];
    const path = `${short}.${type}`;
    this.places.set(`${long}.params`, path);
    const written = memberOf(task, type) ?? null;
    const main = this.types.get(type)?.main;
    if (!isJsonObject(written)) {
      if (written === null) return [];
      if (main !== undefined) {
        for (const member of ['', '.name', '.value'])
          this.places.set(`${long}.params[0]${member}`, path);
        return [{ name: main, value: written }];
      }
      this.problems.add(path, 'must be an object of what the task type takes');
      return [];
    }
    return membersIn(written).map(([name, value], at) => {
      for (const member of ['', '.name', '.value']) {
        this.places.set(`${long}.params[${at}]${member}`, `${path}.${name}`);
      }
      return { name, value };
    });
  }

  #retry(retry: JsonValue, long: string, short: string, known = SHORT_RETRY_MEMBERS): JsonValue {
    this.places.set(long, short);
    if (!isJsonObject(retry)) return retry;
    const read: [string, JsonValue][] = [];
    for (const [name, value] of membersIn(retry)) {
      if (!known.includes(name)) {
        const meant = name.replace('Ms', '');
        this.problems.addUnknownMember(`${short}.${name}`, meant, known);
        continue;
      }
      const longName = SHORT_RETRY_DURATIONS.get(name) ?? name;
      this.places.set(`${long}.${longName}`, `${short}.${name}`);
      if (name === 'delays') {
        read.push(['delaysMs', this.#durations(value, `${long}.delaysMs`, `${short}.delays`)]);
        continue;
      }
      const isDuration = SHORT_RETRY_DURATIONS.has(name);
      read.push([
        longName,
        isDuration ? this.#duration(value, `${long}.${longName}`, `${short}.${name}`) : value,
      ]);
    }
    const { backoff, delays } = retry;
    if (backoff === 'list' || (backoff === undefined && delays !== undefined)) {
      return { backoff: 'list', ...jsonObjectOf(read) };
    }
    const given = jsonObjectOf(read);
    const { delayMs } = given;
    return {
      backoff: RETRY_BACKOFF_DEFAULT,
      delayMs: RETRY_DELAY_MS_DEFAULT,
      delayMsMax: delayMsMaxDefault(typeof delayMs === 'number' ? delayMs : 0),
      ...given,
    };
  }

  #params(params: JsonValue): readonly JsonValue[] {
    if (!isJsonObject(params)) {
      this.problems.add('params', 'must be an object, such as { name: { required: true } }');
      return [];
    }
    return membersIn(params).map(([name, spec], at) => {
      const path = `params.${name}`;
      this.places.set(`params[${at}]`, path);
      this.places.set(`params[${at}].name`, path);
      if (spec === null) return { name };
      if (isJsonObject(spec) && !Object.hasOwn(spec, 'name')) return { ...spec, name };
      this.problems.add(path, 'must be an object: { default: ... }, { required: true }');
      return { name };
    });
  }

  #durations(written: JsonValue, long: string, short: string): JsonValue {
    this.places.set(long, short);
    if (!isJsonArray(written)) return written;
    return written.map((one, at) => this.#duration(one, `${long}[${at}]`, `${short}[${at}]`));
  }

  #duration(written: JsonValue, long: string, short: string): JsonValue {
    this.places.set(long, short);
    const ms = typeof written === 'string' ? readDuration(written) : undefined;
    if (ms !== undefined) return ms;
    this.problems.add(short, DURATION_RULE);
    return 1;
  }
}
