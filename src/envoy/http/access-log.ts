import { AccessLog } from "../../../generated/envoy/config/accesslog/v3/accesslog.ts";
import type { SubstitutionFormatString } from "../../../generated/envoy/config/core/v3/substitution_format_string.ts";
import { FileAccessLog } from "../../../generated/envoy/extensions/access_loggers/file/v3/file.ts";
import { memo } from "../../lib/index.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import { packAny } from "../resource.ts";
import { defaultJsonFormat, defaultTextFormat } from "./access-log-format.ts";

/**
 * The log that MeshConfig's `accessLogFile` asks for, the same for HTTP and TCP; none where it asks for none.
 * https://istio.io/latest/docs/tasks/observability/logs/access-log/
 */
export const accessLogs = memo((settings: MeshSettings): readonly AccessLog[] => {
  const { accessLogFile: path } = settings.config;
  if (!path) return [];
  const log = FileAccessLog.fromPartial({ path, logFormat: buildLogFormat(settings.config) });
  return [AccessLog.fromPartial({ name: "envoy.access_loggers.file", typedConfig: packAny(FileAccessLog, log) })];
});

/** Text that is no JSON object falls back to the default fields: a slip in the format must not cost the log. */
function buildLogFormat(config: MeshSettings["config"]): Partial<SubstitutionFormatString> {
  const { accessLogEncoding: encoding = "TEXT", accessLogFormat: format = "" } = config;
  if (encoding === "JSON") return { jsonFormat: parseFields(format) ?? { ...defaultJsonFormat } };
  const text = format || defaultTextFormat;
  return { textFormatSource: { inlineString: text.endsWith("\n") ? text : `${text}\n` } };
}

function parseFields(format: string): Record<string, unknown> | undefined {
  try {
    const fields: unknown = JSON.parse(format);
    return typeof fields === "object" && fields !== null && !Array.isArray(fields) ? { ...fields } : undefined;
  } catch {
    return undefined;
  }
}
