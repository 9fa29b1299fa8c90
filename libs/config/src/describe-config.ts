import { type ConfigClass, type Variable, variablesOf } from './variable.js';

/** One row of the table in docs/configuration.md. */
export interface ConfigRow extends Pick<
  Variable,
  'name' | 'formerName' | 'type' | 'secret' | 'description'
> {
  /** The default as the environment would have it; absent if there is none. */
  readonly default?: string;
  /** The allowed values in words, with bounds. */
  readonly allowed: string;
  /** Whether the app does not start without it. */
  readonly required: boolean;
}

/** Every variable of a config class, in order of declaration. */
export function describeConfig<T extends object>(
  configClass: ConfigClass<T>,
): readonly ConfigRow[] {
  const defaults = new Map<string, unknown>(Object.entries(new configClass()));
  return variablesOf(configClass).map(({ optional, ...variable }) => {
    const text = asWritten(defaults.get(variable.name));
    return text === undefined
      ? { ...variable, required: !optional }
      : { ...variable, required: false, default: text };
  });
}

function asWritten(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.join(',');
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** The rows as a table in Markdown. */
export function configTable(rows: readonly ConfigRow[]): string {
  const cells = rows.map((row) => [
    `\`${row.name}\``,
    row.default === undefined || row.default === ''
      ? row.required
        ? '**required**'
        : ''
      : `\`${row.default}\``,
    row.allowed,
    row.description,
  ]);
  return [['variable', 'default', 'allowed', 'what for'], ['---', '---', '---', '---'], ...cells]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`)
    .join('');
}
