// Written by scripts/generate/schemas.ts from @kubernetes-models/istio. Do not edit.
export const schema: Record<string, unknown> = {
 "type": "object",
 "additionalProperties": false,
 "properties": {
  "jwtRules": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "audiences": {
      "type": "array",
      "items": {
       "type": "string",
       "minLength": 1
      }
     },
     "forwardOriginalToken": {
      "type": "boolean"
     },
     "fromCookies": {
      "type": "array",
      "items": {
       "type": "string",
       "minLength": 1
      }
     },
     "fromHeaders": {
      "type": "array",
      "items": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "name": {
         "type": "string",
         "minLength": 1
        },
        "prefix": {
         "type": "string"
        }
       },
       "required": [
        "name"
       ]
      }
     },
     "fromParams": {
      "type": "array",
      "items": {
       "type": "string",
       "minLength": 1
      }
     },
     "issuer": {
      "type": "string",
      "minLength": 1
     },
     "jwks": {
      "type": "string"
     },
     "jwks_uri": {
      "type": "string",
      "minLength": 1,
      "maxLength": 2048
     },
     "jwksUri": {
      "type": "string",
      "minLength": 1,
      "maxLength": 2048
     },
     "outputClaimToHeaders": {
      "type": "array",
      "items": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "claim": {
         "type": "string",
         "minLength": 1
        },
        "header": {
         "type": "string",
         "minLength": 1,
         "pattern": "^[-_A-Za-z0-9]+$"
        }
       },
       "required": [
        "claim",
        "header"
       ]
      }
     },
     "outputPayloadToHeader": {
      "type": "string"
     },
     "spaceDelimitedClaims": {
      "type": "array",
      "items": {
       "type": "string",
       "minLength": 1
      },
      "maxItems": 64
     },
     "timeout": {
      "type": "string"
     }
    }
   },
   "maxItems": 4096
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
  },
  "targetRef": {
   "$ref": "#/$defs/b288a79a"
  },
  "targetRefs": {
   "type": "array",
   "items": {
    "$ref": "#/$defs/b288a79a"
   },
   "maxItems": 16
  }
 },
 "$defs": {
  "b288a79a": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "group": {
     "type": "string",
     "maxLength": 253
    },
    "kind": {
     "type": "string",
     "minLength": 1,
     "pattern": "^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$",
     "maxLength": 63
    },
    "name": {
     "type": "string",
     "minLength": 1,
     "maxLength": 253
    },
    "namespace": {
     "type": "string"
    }
   },
   "required": [
    "kind",
    "name"
   ]
  }
 }
};
