// Written by scripts/generate/schemas.ts from @kubernetes-models/istio. Do not edit.
export const schema: Record<string, unknown> = {
 "type": "object",
 "additionalProperties": false,
 "properties": {
  "failStrategy": {
   "type": "string",
   "enum": [
    "FAIL_CLOSE",
    "FAIL_OPEN",
    "FAIL_RELOAD"
   ]
  },
  "imagePullPolicy": {
   "type": "string",
   "enum": [
    "UNSPECIFIED_POLICY",
    "IfNotPresent",
    "Always"
   ]
  },
  "imagePullSecret": {
   "type": "string",
   "minLength": 1,
   "maxLength": 253
  },
  "match": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "mode": {
      "type": "string",
      "enum": [
       "UNDEFINED",
       "CLIENT",
       "SERVER",
       "CLIENT_AND_SERVER"
      ]
     },
     "ports": {
      "type": "array",
      "items": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "number": {
         "type": "integer",
         "minimum": 1,
         "maximum": 65535
        }
       },
       "required": [
        "number"
       ]
      }
     }
    }
   }
  },
  "phase": {
   "type": "string",
   "enum": [
    "UNSPECIFIED_PHASE",
    "AUTHN",
    "AUTHZ",
    "STATS"
   ]
  },
  "pluginConfig": {
   "type": "object",
   "additionalProperties": true
  },
  "pluginName": {
   "type": "string",
   "minLength": 1,
   "maxLength": 256
  },
  "priority": {
   "type": "integer"
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
  "sha256": {
   "type": "string",
   "pattern": "(^$|^[a-f0-9]{64}$)"
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
  },
  "type": {
   "type": "string",
   "enum": [
    "UNSPECIFIED_PLUGIN_TYPE",
    "HTTP",
    "NETWORK"
   ]
  },
  "url": {
   "type": "string",
   "minLength": 1
  },
  "verificationKey": {
   "type": "string"
  },
  "vmConfig": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "env": {
     "type": "array",
     "items": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
       "name": {
        "type": "string",
        "minLength": 1,
        "maxLength": 256
       },
       "value": {
        "type": "string",
        "maxLength": 2048
       },
       "valueFrom": {
        "type": "string",
        "enum": [
         "INLINE",
         "HOST"
        ]
       }
      },
      "required": [
       "name"
      ]
     },
     "maxItems": 256
    }
   }
  }
 },
 "required": [
  "url"
 ],
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
