// Written by scripts/generate/schemas.ts from @kubernetes-models/istio. Do not edit.
export const schema: Record<string, unknown> = {
 "type": "object",
 "additionalProperties": false,
 "properties": {
  "addresses": {
   "type": "array",
   "items": {
    "type": "string",
    "maxLength": 64
   },
   "maxItems": 256
  },
  "endpoints": {
   "type": "array",
   "items": {
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
   },
   "maxItems": 4096
  },
  "exportTo": {
   "type": "array",
   "items": {
    "type": "string"
   }
  },
  "hosts": {
   "type": "array",
   "items": {
    "type": "string"
   },
   "minItems": 1,
   "maxItems": 256
  },
  "location": {
   "type": "string",
   "enum": [
    "MESH_EXTERNAL",
    "MESH_INTERNAL"
   ]
  },
  "ports": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "name": {
      "type": "string",
      "maxLength": 256
     },
     "number": {
      "type": "integer",
      "minimum": 0,
      "maximum": 4294967295
     },
     "protocol": {
      "type": "string",
      "maxLength": 256
     },
     "targetPort": {
      "type": "integer",
      "minimum": 0,
      "maximum": 4294967295
     }
    },
    "required": [
     "name",
     "number"
    ]
   },
   "maxItems": 256
  },
  "resolution": {
   "type": "string",
   "enum": [
    "NONE",
    "STATIC",
    "DNS",
    "DNS_ROUND_ROBIN",
    "DYNAMIC_DNS"
   ]
  },
  "subjectAltNames": {
   "type": "array",
   "items": {
    "type": "string"
   }
  },
  "workloadSelector": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "labels": {
     "type": "object",
     "additionalProperties": {
      "type": "string",
      "maxLength": 63
     },
     "maxProperties": 256
    }
   }
  }
 },
 "required": [
  "hosts"
 ]
};
