import { codes } from "./codes.ts";
import { show } from "./names.ts";
import type { Place } from "./report.ts";

const name = /^[-_A-Za-z0-9]+$/;
const token = /^[-!#$%&'*+.^_`|~A-Za-z0-9]+$/;

/** Envoy takes no longer names and values to add. Bytes. */
const maxBytes = 16_384;

const controls = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/** The host, under either of its names. */
export function isAuthority(header: string): boolean {
  const lower = header.toLowerCase();
  return lower === ":authority" || lower === "host";
}

/** `@request.auth.claims.x` in place of a header name: routing by claims of a token. */
export function isClaim(header: string): boolean {
  return /^@request\.auth\.claims(?:\.|\[)/i.test(header);
}

/** Reports a name that no header in a match or in CORS can have. */
export function checkHeaderName(header: string, place: Place): void {
  if (!name.test(header)) place.error(codes.header, `"${show(header)}" is not a header name`);
}

/** Reports a header that may not be changed: pseudo-headers, and the host but for `authority`. */
export function checkHeaderOperation(
  header: string,
  place: Place,
  authority: "may set authority" | "not authority",
): void {
  if (isAuthority(header)) {
    if (authority === "not authority")
      place.error(codes.header, "the host cannot be changed here", "use rewrite.authority");
  } else if (header.startsWith(":")) place.error(codes.header, `the pseudo-header ${show(header)} cannot be changed`);
  else if (!token.test(header) || header.length > maxBytes)
    place.error(codes.header, `"${show(header)}" is not a header name`);
}

/**
 * Reports a value with control characters, or with a `%` that begins no operator.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#custom-request-response-headers
 */
export function checkHeaderValue(value: string, place: Place): void {
  if (Buffer.byteLength(value) > maxBytes)
    return place.error(codes.tooLarge, `a header's value has at most ${maxBytes} bytes`);
  if (controls.test(value)) place.error(codes.header, "the value holds control characters");
  checkOperators(value, place);
}

/** Reports a `%` that begins no operator. */
export function checkOperators(value: string, place: Place): void {
  const rest = value.replaceAll("%%", "").replaceAll(/%[A-Z0-9_]+(?:\([^%]*\))?(?::[0-9]+)?%/g, "");
  if (rest.includes("%"))
    place.error(codes.header, "a % begins no operator such as %REQ(name)%", "write %% for a percent sign");
}

/** Reports a text that would end the line it is put into: a part of an address or of a path. */
export function checkOneLine(text: string | undefined, place: Place): void {
  if (text !== undefined && /[\u0000\n\r]/.test(text)) place.error(codes.value, "must not have a line's end in it");
}
