import { type WorkflowDefinition } from '../definition/definition.js';
import { conditionLines, tooLargeDetail, type PatternCompiler } from '../definition/pattern.js';
import { type ProblemList } from './problem-list.js';

/** Checks that decision conditions stand only on edges out of a decision, and hold valid patterns. */
export function checkDecisions(
  { tasks }: WorkflowDefinition,
  patterns: PatternCompiler,
  problems: ProblemList,
): void {
  const decisions = new Set(
    tasks.filter(({ type }) => type === 'decision').map(({ name }) => name),
  );
  for (const [taskAt, { dependencies = [] }] of tasks.entries()) {
    for (const [at, { taskRef, decisionCondition }] of dependencies.entries()) {
      const path = `tasks[${taskAt}].dependencies[${at}].decisionCondition`;
      const lines = conditionLines(decisionCondition);
      if (lines.length > 0 && !decisions.has(taskRef)) {
        problems.add(path, `"${taskRef}" is no decision`);
      }
      for (const line of lines) {
        const pattern = patterns(line);
        if (pattern.kind === 'invalid') problems.add(path, `"${line}": ${pattern.detail}`);
        if (pattern.kind === 'too-large') {
          problems.add(path, `"${line}": ${tooLargeDetail(pattern.size)}`);
        }
      }
    }
  }
}
