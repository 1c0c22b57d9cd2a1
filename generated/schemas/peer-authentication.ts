// Written by scripts/generate/schemas.ts from @kubernetes-models/istio. Do not edit.
export const schema: Record<string, unknown> = {
 "type": "object",
 "additionalProperties": false,
 "properties": {
  "mtls": {
   "$ref": "#/$defs/d2dd1bf0"
  },
  "portLevelMtls": {
   "type": "object",
   "additionalProperties": {
    "$ref": "#/$defs/d2dd1bf0"
   },
   "minProperties": 1
  },
  "selector": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "matchLabels": {
     "type": "object",
     "additionalProperties": {
      "type": "string",
      "maxLength": 63
     },
     "maxProperties": 4096
    }
   }
  }
 },
 "$defs": {
  "d2dd1bf0": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "mode": {
     "type": "string",
     "enum": [
      "UNSET",
      "DISABLE",
      "PERMISSIVE",
      "STRICT"
     ]
    }
   }
  }
 }
};
