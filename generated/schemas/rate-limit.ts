// Written by scripts/generate/schemas.ts from scripts/generate/own/rate-limit.yaml. Do not edit.
export const schema: Record<string, unknown> = {
 "type": "object",
 "additionalProperties": false,
 "required": [
  "rules"
 ],
 "properties": {
  "selector": {
   "description": "The workloads; without it all of the namespace, in the root namespace all of the mesh.",
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
  "targetRefs": {
   "description": "Gateways of the Kubernetes Gateway API, instead of a selector.",
   "type": "array",
   "maxItems": 16,
   "items": {
    "type": "object",
    "additionalProperties": false,
    "required": [
     "group",
     "kind",
     "name"
    ],
    "properties": {
     "group": {
      "type": "string",
      "minLength": 1,
      "maxLength": 253
     },
     "kind": {
      "type": "string",
      "minLength": 1,
      "maxLength": 63
     },
     "name": {
      "type": "string",
      "minLength": 1,
      "maxLength": 253
     }
    }
   }
  },
  "mode": {
   "description": "ENFORCE (the default) refuses what is over a limit; SHADOW only counts it.",
   "type": "string",
   "enum": [
    "ENFORCE",
    "SHADOW"
   ]
  },
  "rules": {
   "description": "What is counted. A request counts in every rule that matches it, and must be within all of them.",
   "type": "array",
   "minItems": 1,
   "maxItems": 64,
   "items": {
    "type": "object",
    "additionalProperties": false,
    "atMostOne": [
     [
      "per",
      "perHeader"
     ]
    ],
    "properties": {
     "name": {
      "description": "Tells the rule apart; a rate limit service gets it as the value of the descriptor entry \"rule\".",
      "type": "string",
      "minLength": 1,
      "maxLength": 63
     },
     "match": {
      "description": "The requests that count, by all that is said here; without it every request.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
       "uri": {
        "$ref": "#/$defs/9b5f0cc7"
       },
       "method": {
        "$ref": "#/$defs/9b5f0cc7"
       },
       "authority": {
        "$ref": "#/$defs/9b5f0cc7"
       },
       "headers": {
        "type": "object",
        "additionalProperties": {
         "$ref": "#/$defs/9b5f0cc7"
        },
        "maxProperties": 32
       },
       "port": {
        "description": "The port of the workload, or of the gateway, on which requests come in.",
        "type": "integer",
        "minimum": 1,
        "maximum": 65535
       },
       "route": {
        "description": "The name of a VirtualService's HTTP rule, at a gateway.",
        "type": "string",
        "minLength": 1,
        "maxLength": 256
       }
      }
     },
     "per": {
      "description": "Counts for each of these by itself. PRINCIPAL is the caller's identity by the certificate of its connection, SOURCE_IP the address of its connection (at a gateway behind trusted proxies, of the client).",
      "type": "string",
      "enum": [
       "PRINCIPAL",
       "SOURCE_IP"
      ]
     },
     "perHeader": {
      "description": "Counts for each value of this header by itself. Callers can say in it what they like.",
      "type": "string",
      "minLength": 1,
      "maxLength": 256
     },
     "limit": {
      "description": "How many requests; without it, where the policy is global, the rate limit service decides.",
      "type": "object",
      "additionalProperties": false,
      "required": [
       "requests",
       "interval"
      ],
      "properties": {
       "requests": {
        "type": "integer",
        "minimum": 1,
        "maximum": 4294967295
       },
       "interval": {
        "description": "A duration such as 1s, 1m or 1h.",
        "type": "string"
       },
       "burst": {
        "description": "How many may come at once; as many as requests where not said.",
        "type": "integer",
        "minimum": 1,
        "maximum": 4294967295
       }
      }
     }
    }
   }
  },
  "global": {
   "description": "A service that speaks envoy.service.ratelimit.v3 counts for all proxies together.",
   "type": "object",
   "additionalProperties": false,
   "required": [
    "service",
    "domain"
   ],
   "properties": {
    "service": {
     "description": "host:port, a service of the mesh as a VirtualService's destination names it.",
     "type": "string",
     "minLength": 1,
     "maxLength": 261
    },
    "domain": {
     "description": "The domain under which the service has its limits.",
     "type": "string",
     "minLength": 1,
     "maxLength": 256
    },
    "failureMode": {
     "description": "What happens to requests while the service does not answer. ALLOW is the default.",
     "type": "string",
     "enum": [
      "ALLOW",
      "DENY"
     ]
    },
    "timeout": {
     "description": "How long a request waits for the service; 100ms where not said.",
     "type": "string"
    }
   }
  }
 },
 "$defs": {
  "9b5f0cc7": {
   "type": "object",
   "additionalProperties": false,
   "atMostOne": [
    [
     "exact",
     "prefix",
     "regex"
    ]
   ],
   "properties": {
    "exact": {
     "type": "string",
     "maxLength": 1024
    },
    "prefix": {
     "type": "string",
     "maxLength": 1024
    },
    "regex": {
     "type": "string",
     "maxLength": 1024
    }
   }
  }
 }
};
