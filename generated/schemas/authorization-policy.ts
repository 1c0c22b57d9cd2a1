// Written by scripts/generate/schemas.ts from @kubernetes-models/istio. Do not edit.
export const schema: Record<string, unknown> = {
 "type": "object",
 "additionalProperties": false,
 "properties": {
  "action": {
   "type": "string",
   "enum": [
    "ALLOW",
    "DENY",
    "AUDIT",
    "CUSTOM"
   ]
  },
  "provider": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "name": {
     "type": "string"
    }
   }
  },
  "rules": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "from": {
      "type": "array",
      "items": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "source": {
         "type": "object",
         "additionalProperties": false,
         "properties": {
          "ipBlocks": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "namespaces": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "notIpBlocks": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "notNamespaces": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "notPrincipals": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "notRemoteIpBlocks": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "notRequestPrincipals": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "notServiceAccounts": {
           "type": "array",
           "items": {
            "type": "string",
            "maxLength": 320
           },
           "maxItems": 16
          },
          "principals": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "remoteIpBlocks": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "requestPrincipals": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "serviceAccounts": {
           "type": "array",
           "items": {
            "type": "string",
            "maxLength": 320
           },
           "maxItems": 16
          }
         }
        }
       }
      },
      "maxItems": 512
     },
     "to": {
      "type": "array",
      "items": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "operation": {
         "type": "object",
         "additionalProperties": false,
         "properties": {
          "hosts": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "methods": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "notHosts": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "notMethods": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "notPaths": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "notPorts": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "paths": {
           "type": "array",
           "items": {
            "type": "string"
           }
          },
          "ports": {
           "type": "array",
           "items": {
            "type": "string"
           }
          }
         }
        }
       }
      }
     },
     "when": {
      "type": "array",
      "items": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "key": {
         "type": "string"
        },
        "notValues": {
         "type": "array",
         "items": {
          "type": "string"
         }
        },
        "values": {
         "type": "array",
         "items": {
          "type": "string"
         }
        }
       },
       "required": [
        "key"
       ]
      }
     }
    }
   },
   "maxItems": 512
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
