/** What stops a command: told in one line, never with a stack trace. `exitCode` 1: the input is at fault; 2: the call or the machine. */
export class Failure extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 2) {
    super(message);
    this.exitCode = exitCode;
  }
}
