import { pino, type Logger } from "pino";

export type Log = Logger;

/** Secrets by field name never reach a log line, at whatever depth callers put them. */
const redact = ["token", "credential", "privateKey", "key", "authorization"].flatMap((name) => [name, `*.${name}`]);

/** A JSON log on stderr, one line an event; `level` as pino's (trace, debug, info, warn, error, silent). */
export function createLog(level: string): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact }, pino.destination(2));
}
