// Written by scripts/generate/schemas.ts from @kubernetes-models/istio. Do not edit.
export const schema: Record<string, unknown> = {
 "type": "object",
 "additionalProperties": false,
 "properties": {
  "metadata": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "annotations": {
     "type": "object",
     "additionalProperties": {
      "type": "string"
     },
     "maxProperties": 256
    },
    "labels": {
     "type": "object",
     "additionalProperties": {
      "type": "string"
     },
     "maxProperties": 256
    }
   }
  },
  "probe": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "exec": {
     "type": "object",
     "additionalProperties": false,
     "properties": {
      "command": {
       "type": "array",
       "items": {
        "type": "string",
        "minLength": 1
       }
      }
     },
     "required": [
      "command"
     ]
    },
    "failureThreshold": {
     "type": "integer",
     "minimum": 0
    },
    "grpc": {
     "type": "object",
     "additionalProperties": false,
     "properties": {
      "port": {
       "type": "integer",
       "minimum": 0,
       "maximum": 4294967295
      },
      "service": {
       "type": "string"
      }
     }
    },
    "httpGet": {
     "type": "object",
     "additionalProperties": false,
     "properties": {
      "host": {
       "type": "string"
      },
      "httpHeaders": {
       "type": "array",
       "items": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
         "name": {
          "type": "string",
          "pattern": "^[-_A-Za-z0-9]+$"
         },
         "value": {
          "type": "string"
         }
        }
       }
      },
      "path": {
       "type": "string"
      },
      "port": {
       "type": "integer",
       "minimum": 0,
       "maximum": 4294967295
      },
      "scheme": {
       "type": "string"
      }
     },
     "required": [
      "port"
     ]
    },
    "initialDelaySeconds": {
     "type": "integer",
     "minimum": 0
    },
    "periodSeconds": {
     "type": "integer",
     "minimum": 0
    },
    "successThreshold": {
     "type": "integer",
     "minimum": 0
    },
    "tcpSocket": {
     "type": "object",
     "additionalProperties": false,
     "properties": {
      "host": {
       "type": "string"
      },
      "port": {
       "type": "integer",
       "minimum": 0,
       "maximum": 4294967295
      }
     },
     "required": [
      "port"
     ]
    },
    "timeoutSeconds": {
     "type": "integer",
     "minimum": 0
    }
   },
   "atMostOne": [
    [
     "httpGet",
     "tcpSocket",
     "exec",
     "grpc"
    ]
   ]
  },
  "template": {
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
  }
 },
 "required": [
  "template"
 ]
};
