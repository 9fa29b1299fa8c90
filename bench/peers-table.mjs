/**
 * @param {import('./run-peers.mjs').PeerFigure[]} figures ours first
 * @returns {string} a table in Markdown
 */
export function peersTableOf(figures) {
  const [ours] = figures;
  const rows = figures.map(({ name, durability, sustained }) => {
    const { acceptedPerSecond, completedPerSecond, settledPerSecond, latencyMs } = sustained;
    const ratio = (ours?.sustained.settledPerSecond ?? NaN) / settledPerSecond;
    return [
      name,
      durability,
      whole(acceptedPerSecond),
      whole(completedPerSecond),
      whole(settledPerSecond),
      ratio.toFixed(2),
      `${latencyMs.p50.toFixed(1)} / ${latencyMs.p99.toFixed(1)}`,
      cpuText(sustained),
      sustained.usage.othersCpu.toFixed(2),
    ];
  });
  const head = [
    ...['what', 'a loss of power takes', 'accepted/s', 'completed/s meanwhile'],
    ...['completed/s in all', 'ours : it', 'to accept p50 / p99, ms', 'CPU s per 1,000'],
    ...['cores used by others'],
  ];
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** @param {import('./measure/sustained.mjs').Sustained} sustained */
function cpuText({ usage, accepted }) {
  const seconds = Object.values(usage.processes).reduce((sum, one) => sum + one.cpuSeconds, 0);
  return ((seconds * 1000) / accepted).toFixed(2);
}

/** @param {number} figure */
function whole(figure) {
  return Math.round(figure).toLocaleString('en');
}
