/** The codes of problems with files themselves; what is in them is the model room's. */
export const codes = {
  unreadable: "HED401",
  kept: "HED402",
  missing: "HED403",
  emptied: "HED404",
  notWritable: "HED405",
} as const;
