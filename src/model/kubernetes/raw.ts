import { bareObject } from "../../lib/index.ts";
import { codes } from "../codes.ts";
import { isIp, show } from "../names.ts";
import type { Place } from "../report.ts";

/**
 * Reads fields of Kubernetes objects. Unknown fields and nulls are passed over, since the API server has checked the object;
 * a field we use that has the wrong type is an error.
 */
export class RawFields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly place: Place;

  constructor(value: unknown, place: Place) {
    const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
    if (!isMap && value !== undefined && value !== null) place.error(codes.wrongType, "must be a set of fields");
    this.#fields = isMap ? (value as Record<string, unknown>) : {};
    this.place = place;
  }

  get names(): readonly string[] {
    return Object.keys(this.#fields);
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined && this.#fields[name] !== null;
  }

  fields(name: string): RawFields {
    return new RawFields(this.#fields[name], this.place.at(name));
  }

  list(name: string): readonly RawFields[] {
    return this.#items(name).map((item, index) => new RawFields(item, this.place.at(name, index)));
  }

  texts(name: string): readonly string[] {
    return this.#items(name).flatMap((item, index) => this.#text(item, this.place.at(name, index)) ?? []);
  }

  text(name: string): string | undefined {
    return this.#text(this.#fields[name], this.place.at(name));
  }

  /** A text out of a list; anything else is an error and the first of the list. */
  choice<T extends string>(name: string, first: T, ...others: readonly T[]): T {
    const value = this.text(name) ?? first;
    const found = [first, ...others].find((option) => option === value);
    if (found === undefined)
      this.place.at(name).error(codes.notAllowed, `"${show(value)}" is not one of ${[first, ...others].join(", ")}`);
    return found ?? first;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.#fields[name];
    if (value === undefined || value === null) return otherwise;
    if (typeof value !== "boolean") this.place.at(name).error(codes.wrongType, "must be true or false");
    return value === true;
  }

  number(name: string): number | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === "number") return value;
    this.place.at(name).error(codes.wrongType, "must be a number");
    return undefined;
  }

  /** A port number; 0 where there is none. */
  port(name: string): number {
    const value = this.#fields[name];
    if (value === undefined || value === null) return 0;
    if (typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 65_535) return value;
    this.place.at(name).error(codes.port, `${show(JSON.stringify(value) ?? "")} is not a port: ports are 1 to 65535`);
    return 0;
  }

  /** The field as it is: a number or a text. */
  numberOrText(name: string): number | string | undefined {
    const value = this.#fields[name];
    return typeof value === "number" ? value : this.text(name);
  }

  /** A map of texts, without a prototype; undefined where there is none. */
  textMap(name: string): Readonly<Record<string, string>> | undefined {
    if (!this.has(name)) return undefined;
    const source = this.fields(name);
    const map = bareObject<string>();
    for (const key of source.names) map[key] = source.text(key) ?? "";
    return map;
  }

  /** IP addresses. */
  addresses(name: string): readonly string[] {
    return this.texts(name).filter((address, index) => {
      if (isIp(address)) return true;
      this.place.at(name, index).error(codes.address, `"${show(address)}" is not an IP address`);
      return false;
    });
  }

  #items(name: string): readonly unknown[] {
    const value = this.#fields[name];
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value as unknown[];
    this.place.at(name).error(codes.wrongType, "must be a list");
    return [];
  }

  #text(value: unknown, place: Place): string | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === "string") return value;
    place.error(codes.wrongType, "must be text", "write it in quotes");
    return undefined;
  }
}
