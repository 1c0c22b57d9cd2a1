import { message, type Message } from "./message.ts";

/** How an object is written. */
export const writtenMessages: readonly Message[] = [
  message("HED101", ["error"], "A field is unknown.", "Mend its name; the message tells the nearest."),
  message("HED102", ["error"], "The file is not YAML.", "Mend the syntax."),
  message("HED103", ["error", "warning"], "Something is too large, or there is too much of it.", "Make it smaller."),
  message("HED104", ["error"], "The YAML is nested too deeply.", "Flatten it."),
  message("HED105", ["error"], "The YAML has anchors or aliases beyond the bounds.", "Write the value out."),
  message("HED106", ["error"], "A key stands twice.", "Remove one."),
  message("HED107", ["error"], "A key has a name that is not allowed.", "Rename it."),
  message("HED108", ["error"], "A number cannot be read exactly.", "Write it in quotes, or as a smaller number."),
  message("HED109", ["error"], "A field has no value.", "Leave it out, or give it a value."),
  message("HED110", ["error"], "A value has the wrong type.", "Write the type that the message names."),
  message("HED111", ["error"], "A field that is needed is missing.", "Add it."),
  message("HED112", ["error"], "A value is not one of those allowed.", "Take one of the list."),
  message("HED113", ["error"], "A number is out of range.", "Keep to the range."),
  message("HED114", ["error"], "Fields exclude each other.", "Keep one."),
  message("HED115", ["error"], "A document is not an object with apiVersion and kind.", "Add them."),
  message("HED116", ["warning"], "A kind or its version is unknown; it has no effect.", "Mend kind or apiVersion."),
  message("HED117", ["warning"], "A kind is not supported yet; it has no effect.", "Do not rely on it."),
  message("HED118", ["error"], "A name is none that Kubernetes allows.", "Rename it."),
  message("HED119", ["warning"], "A setting of Istio's changes nothing here.", "Remove it."),
  message("HED120", ["error"], "A text holds what is not text.", "Remove the character."),
  message("HED121", ["warning"], "A field does nothing yet.", "Do not rely on it: docs/fields.md."),
];

/** What an object means by itself. */
export const meaningMessages: readonly Message[] = [
  message("HED201", ["error", "warning"], "A host is none, or not allowed here.", "Mend it."),
  message("HED202", ["error"], "A duration is none, or out of range.", "Write 1h, 1m, 1s or 1ms."),
  message("HED203", ["error"], "A percentage is none, or out of range.", "Write a number from 0 to 100."),
  message("HED204", ["error"], "A port or its name is none.", "Ports are 1 to 65535, names those of Kubernetes."),
  message("HED205", ["error"], "Weights are negative, add up to 0, or not to what they must.", "Mend the weights."),
  message("HED206", ["error"], "A header is none, or one that may not be changed.", "Mend its name or value."),
  message("HED208", ["error"], "Fields contradict each other.", "Keep to one of them."),
  message("HED209", ["error", "warning"], "Something is incomplete.", "Add what the message names."),
  message("HED210", ["error", "warning"], "A selector has a label that is none, or selects all.", "Mend the labels."),
  message("HED211", ["error"], "An address is none, or not allowed here.", "Mend it."),
  message("HED212", ["error", "warning"], "Something stands twice, or has another's name.", "Remove one."),
  message("HED213", ["error"], "exportTo names what it cannot.", 'Use ".", "*", "~" or namespaces.'),
  message("HED214", ["warning", "error"], "A field has no effect beside the others.", "Remove it."),
  message("HED215", ["error", "warning"], "A gateway's name is none, or of an old form.", "Write namespace/name."),
  message("HED216", ["error", "warning"], "A value is not what the field takes.", "Mend it."),
  message("HED217", ["error"], "A locality is none, or overlaps another.", "Write region/zone/subzone."),
  message(
    "HED218",
    ["warning"],
    "A label of Istio's has a value without meaning, or means nothing here.",
    "Mend or remove it.",
  ),
];

/** How objects fit together. */
export const fittingMessages: readonly Message[] = [
  message("HED301", ["warning"], "A destination's service has no such port.", "Choose one of its ports."),
  message("HED303", ["warning"], "An older object says the same thing; this one is not used.", "Merge them."),
  message("HED304", ["warning"], "A second policy is for the same workloads; it is not used.", "Keep one."),
  message("HED305", ["warning"], "A policy has no effect where it stands.", "Move it to its workloads' namespace."),
  message(
    "HED306",
    ["warning"],
    "Rules are for a protocol that no port of their hosts speaks.",
    "Name the port for its protocol, or write rules for its protocol.",
  ),
  message("HED307", ["warning"], "An annotation of Heddle's has a value without meaning.", "Use one of the hint."),
  message(
    "HED309",
    ["warning"],
    "A short name is taken as one of its own namespace, and is another's service.",
    "Write the full name that the hint tells.",
  ),
  message(
    "HED310",
    ["info"],
    "Two namespaces define one outside host differently, both for everybody.",
    "Export them to those that they are for.",
  ),
  message(
    "HED311",
    ["warning"],
    "A Job's app has ended while its sidecar of the classic form goes on, so the Job does not end.",
    "Let the app end its sidecar, or use native sidecars: docs/injection.md.",
  ),
  message(
    "HED312",
    ["warning"],
    "A `credentialName` of a DestinationRule that no proxy heeds: no client certificate is sent, and the system's roots are trusted.",
    "Add a `workloadSelector`, or name files.",
  ),
  message(
    "HED313",
    ["warning"],
    "What an EnvoyFilter makes of a workload's configuration does not hold together; it is left out there.",
    "Mend what the message names.",
  ),
  message(
    "HED316",
    ["warning"],
    "The service that counts for a RateLimit is asked by gRPC, and its port says something else.",
    "Name the port grpc.",
  ),
  message(
    "HED317",
    ["warning"],
    "A Sidecar's own TLS is on a port that speaks the mesh's, which goes before it.",
    "Set the port to DISABLE in a PeerAuthentication.",
  ),
  message(
    "HED318",
    ["warning"],
    "A Sidecar's listener is on an address and port that another listener of the proxy has; it is left out.",
    "Use another port or bind.",
  ),
  message(
    "HED319",
    ["warning"],
    "A service's HTTP port is one that each sidecar has for itself: what rules say of it does not count for sidecars.",
    "Use another port.",
  ),
];

/** Where objects come from. */
export const sourceMessages: readonly Message[] = [
  message("HED401", ["error", "warning"], "A file or object cannot be read.", "Mend the file or its rights."),
  message("HED402", ["info"], "An object has gone from a file with errors; it stays.", "Mend the file."),
  message("HED403", ["error"], "The directory is gone; what it said last stays.", "Bring it back."),
  message("HED405", ["error"], "Policy cannot be written.", "Mend the directory or its rights."),
  message("HED406", ["error"], "The API server refuses to show a kind.", "Grant get, list and watch."),
  message("HED407", ["warning"], "The API server is silent on a kind.", "Look at the API server."),
  message("HED408", ["error"], "The API server serves a kind no more; its objects stay.", "Install its CRD."),
  message("HED409", ["error"], "In a cluster heddle apply writes nothing.", "Use kubectl apply."),
  message(
    "HED410",
    ["error"],
    "The API server refuses to show a gateway's Secret.",
    "Bind the role that the hint names.",
  ),
];

/** What is injected into pods. */
export const injectionMessages: readonly Message[] = [
  message("HED501", ["error"], "A setting of a sidecar is wrong.", "Mend the flag or annotation."),
  message("HED502", ["warning"], "An annotation has no effect, or is wrong.", "Mend or remove it."),
  message("HED503", ["warning"], "A probe is left as it is.", "See docs/injection.md."),
  message("HED504", ["warning"], "An injected pod may not work as meant.", "See docs/injection.md."),
];
