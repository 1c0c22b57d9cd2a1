/** The codes of problems with files, and with kinds of the API, themselves; what is in them is the model room's. */
export const codes = {
  unreadable: "HED401",
  kept: "HED402",
  missing: "HED403",
  notWritable: "HED405",
  watchRefused: "HED406",
  watchStale: "HED407",
  kindGone: "HED408",
  secretRefused: "HED410", // HED409 is the cluster's answer to heddle apply
} as const;
