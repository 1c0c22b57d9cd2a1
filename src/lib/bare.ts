/**
 * An object that inherits nothing, for keys that others choose: `__proto__` among them is a key like any other (FAULTS F28).
 * `Object.create(null)` says the same, but V8 keeps what it makes as a hash table: four times the memory of fields that share a shape, and
 * slow to read.
 */
export function bareObject<T = unknown>(): Record<string, T> {
  return Object.setPrototypeOf({}, null) as Record<string, T>;
}
