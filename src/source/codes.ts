/** The codes of problems with files themselves; what is in them is the model room's. */
export const codes = {
  unreadable: "HED301",
  kept: "HED302",
  missing: "HED303",
  emptied: "HED304",
  notWritable: "HED305",
} as const;
