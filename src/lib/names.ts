/** Compares as every listing of ours is sorted: by code unit, the same on every machine. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Where in a sorted list the first item stands that `compare` does not put before what is looked for (negative); the list's length where there is none. */
export function placeIn<T>(sorted: readonly T[], compare: (item: T) => number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (compare(sorted[middle] as T) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
