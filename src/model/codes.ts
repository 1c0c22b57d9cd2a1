/**
 * The codes of every problem the model room reports. Istio's own code stands where the meaning is the same
 * (https://istio.io/latest/docs/reference/config/analysis/); a code never changes its meaning.
 */
export const codes = {
  // How it is written.
  unknownField: "HED101",
  syntax: "HED102",
  tooLarge: "HED103",
  tooDeep: "HED104",
  alias: "HED105",
  duplicateKey: "HED106",
  forbiddenKey: "HED107",
  number: "HED108",
  empty: "HED109",
  wrongType: "HED110",
  missing: "HED111",
  notAllowed: "HED112",
  outOfRange: "HED113",
  exclusive: "HED114",
  notAnObject: "HED115",
  unknownKind: "HED116",
  unsupportedKind: "HED117",
  name: "HED118",
  unusedField: "HED119",
  text: "HED120",
  unsupportedField: "HED121",
  // What it means.
  host: "HED201",
  duration: "HED202",
  percentage: "HED203",
  port: "HED204",
  weight: "HED205",
  header: "HED206",
  conflict: "HED208",
  incomplete: "HED209",
  selector: "HED210",
  address: "HED211",
  duplicate: "HED212",
  exportTo: "HED213",
  noEffect: "HED214",
  gateway: "HED215",
  value: "HED216",
  locality: "HED217",
  deprecated: "IST0002",
  regex: "IST0122",
  unreachableRule: "IST0130",
  ineffectiveMatch: "IST0131",
} as const;

export type Code = (typeof codes)[keyof typeof codes];
