/** Envoy's `/stats` text: `name: value` lines; histograms, which have no one value, are left out. */
export function parseStats(text: string): Record<string, number> {
  const stats: Record<string, number> = {};
  for (const line of text.split("\n")) {
    const at = line.lastIndexOf(": ");
    const value = Number(line.slice(at + 2));
    if (at > 0 && Number.isFinite(value)) stats[line.slice(0, at)] = value;
  }
  return stats;
}
