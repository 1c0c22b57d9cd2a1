// Written by scripts/generate/schemas.ts from @kubernetes-models/istio. Do not edit.
export const schema: Record<string, unknown> = {
 "type": "object",
 "additionalProperties": false,
 "properties": {
  "concurrency": {
   "type": "integer",
   "minimum": 0
  },
  "environmentVariables": {
   "type": "object",
   "additionalProperties": {
    "type": "string",
    "maxLength": 2048
   }
  },
  "image": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "imageType": {
     "type": "string"
    }
   }
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
 }
};
