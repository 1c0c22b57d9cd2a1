/** What a user may write where a word becomes part of a command line or of a container. */

const image = /^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,511}$/;
const cpu = /^(?:\d{1,9}m|\d{1,6}(?:\.\d{1,3})?)$/;
const memory = /^\d{1,15}(?:\.\d{1,3})?(?:k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/;
const levels: ReadonlySet<string> = new Set(["trace", "debug", "info", "warning", "error", "critical", "off"]);

export const isImage = (text: string): boolean => image.test(text);
export const isCpu = (text: string): boolean => cpu.test(text);
export const isMemory = (text: string): boolean => memory.test(text);
export const isLogLevel = (text: string): boolean => levels.has(text);

/** `http:debug,upstream:trace` */
export function isComponentLogLevels(text: string): boolean {
  return text.split(",").every((part) => {
    const [component = "", level = "", ...rest] = part.split(":");
    return rest.length === 0 && /^[a-z0-9_]{1,64}$/.test(component) && isLogLevel(level);
  });
}

/** Whole CPUs, rounded up, of `1500m` or `1.5`. */
export function wholeCpus(text: string): number {
  const amount = text.endsWith("m") ? Number(text.slice(0, -1)) / 1000 : Number(text);
  return Math.max(1, Math.ceil(amount));
}

/** Text for a container's `args`, where the kubelet would put a variable in place of `$(NAME)`. */
export function escapeArgument(text: string): string {
  return text.replaceAll("$", () => "$$");
}
