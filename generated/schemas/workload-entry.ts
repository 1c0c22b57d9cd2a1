// Written by scripts/generate/schemas.ts from @kubernetes-models/istio. Do not edit.
export const schema: Record<string, unknown> = {
 "type": "object",
 "additionalProperties": false,
 "properties": {
  "address": {
   "type": "string",
   "maxLength": 256
  },
  "labels": {
   "type": "object",
   "additionalProperties": {
    "type": "string"
   },
   "maxProperties": 256
  },
  "locality": {
   "type": "string",
   "maxLength": 2048
  },
  "network": {
   "type": "string",
   "maxLength": 2048
  },
  "ports": {
   "type": "object",
   "additionalProperties": {
    "type": "integer",
    "minimum": 0,
    "maximum": 4294967295
   },
   "maxProperties": 128
  },
  "serviceAccount": {
   "type": "string",
   "maxLength": 253
  },
  "weight": {
   "type": "integer",
   "minimum": 0,
   "maximum": 4294967295
  }
 }
};
