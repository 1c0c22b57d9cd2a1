import { FileAccessLog } from "../../../generated/envoy/extensions/access_loggers/file/v3/file.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import { settings } from "../cluster/test-support.ts";
import { accessLogs } from "./index.ts";

function logged(config: MeshSettings["config"]): unknown {
  const [log] = accessLogs({ ...settings, config });
  return log?.typedConfig && FileAccessLog.toJSON(FileAccessLog.decode(log.typedConfig.value));
}

describe("accessLogs", () => {
  it("is silent unless asked", () => {
    expect(accessLogs(settings)).toEqual([]);
    expect(accessLogs({ ...settings, config: { accessLogFile: "" } })).toEqual([]);
  });

  it("writes Istio's line", () => {
    const inlineString = expect.stringMatching(/^\[%START_TIME%\] "%REQ\(:METHOD\)% .*%ROUTE_NAME%\n$/);
    expect(logged({ accessLogFile: "/dev/stdout" })).toEqual({
      path: "/dev/stdout",
      logFormat: { textFormatSource: { inlineString } },
    });
  });

  it("ends a line of the user's", () => {
    const config = { accessLogFile: "/dev/stdout", accessLogFormat: "%PROTOCOL%" };
    expect(logged(config)).toMatchObject({ logFormat: { textFormatSource: { inlineString: "%PROTOCOL%\n" } } });
  });

  it("writes fields as JSON, the user's if they can be read", () => {
    const config = { accessLogFile: "/dev/stdout", accessLogEncoding: "JSON" } as const;
    expect(logged({ ...config, accessLogFormat: '{"p": "%PROTOCOL%"}' })).toMatchObject({
      logFormat: { jsonFormat: { p: "%PROTOCOL%" } },
    });
    for (const accessLogFormat of ["", "{", "[]", "null", "3"]) {
      expect(logged({ ...config, accessLogFormat })).toMatchObject({
        logFormat: { jsonFormat: { route_name: "%ROUTE_NAME%" } },
      });
    }
  });
});
