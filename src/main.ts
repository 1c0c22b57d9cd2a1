import { runCli } from "./app/index.ts";

process.exitCode = await runCli(process.argv);
