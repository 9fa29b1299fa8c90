/**
 * Makes the table of all values of the chart from the comments of values.yaml. A comment `# -- What it is.`, of one or more
 * lines, describes the member that follows.
 *
 * @param {string} valuesYaml
 * @returns {string} Markdown
 */
export function valuesTable(valuesYaml) {
  /** @type {{ indent: number, name: string }[]} */
  const path = [];
  let description = '';
  const rows = [];
  for (const line of valuesYaml.split('\n')) {
    const comment = /^ *# ?(-- )?(.*)$/.exec(line);
    if (comment) {
      description = comment[1] ? (comment[2] ?? '') : description && `${description} ${comment[2]}`;
      continue;
    }
    const member = /^( *)([\w.]+):(?: (.*))?$/.exec(line);
    if (!member) {
      description = '';
      continue;
    }
    const [, spaces = '', name = '', value = ''] = member;
    while (path.length > 0 && (path.at(-1)?.indent ?? 0) >= spaces.length) path.pop();
    path.push({ indent: spaces.length, name });
    const at = path.map((each) => each.name).join('.');
    if (description && value) rows.push(`| \`${at}\` | \`${value}\` | ${description} |`);
    if (description && !value) rows.push(`| \`${at}\` | see values.yaml | ${description} |`);
    description = '';
  }
  return ['| value | default | what for |', '| --- | --- | --- |', ...rows, ''].join('\n');
}
