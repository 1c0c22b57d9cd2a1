import { codes } from "../codes.ts";
import { checkDuration } from "../duration.ts";
import { checkHeaderName, checkOneLine } from "../headers.ts";
import { checkPercent } from "../percent.ts";
import { each, type Place } from "../report.ts";
import type { TrafficPolicy } from "../types.ts";
import { checkLocalityLb } from "./locality.ts";

type LoadBalancer = NonNullable<TrafficPolicy["loadBalancer"]>;
type ConsistentHash = NonNullable<LoadBalancer["consistentHash"]>;

/** https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings */
export function checkLoadBalancer(balancer: LoadBalancer | undefined, place: Place): void {
  if (!balancer) return;
  checkConsistentHash(balancer.consistentHash, place.at("consistentHash"));
  checkLocalityLb(balancer.localityLbSetting, place.at("localityLbSetting"));
  checkDuration(balancer.warmupDurationSecs, place.at("warmupDurationSecs"));
  if (balancer.warmup) {
    const at = place.at("warmup");
    checkDuration(balancer.warmup.duration, at.at("duration"));
    checkPercent(balancer.warmup.minimumPercent, at.at("minimumPercent"));
    if ((balancer.warmup.aggression ?? 1) < 1) at.at("aggression").error(codes.outOfRange, "must be at least 1");
    if (balancer.warmupDurationSecs !== undefined)
      at.error(codes.conflict, "only one of warmup and warmupDurationSecs may be set");
  }
  if (balancer.simple === "LEAST_CONN")
    place.at("simple").warn(codes.deprecated, "LEAST_CONN is deprecated", "use LEAST_REQUEST");
}

function checkConsistentHash(hash: ConsistentHash | undefined, place: Place): void {
  if (!hash) return;
  const { httpHeaderName, httpCookie, useSourceIp, httpQueryParameterName } = hash;
  if (httpHeaderName === undefined && !httpCookie && useSourceIp === undefined && httpQueryParameterName === undefined)
    place.error(codes.incomplete, "needs one of httpHeaderName, httpCookie, useSourceIp, httpQueryParameterName");
  if (httpHeaderName !== undefined) checkHeaderName(httpHeaderName, place.at("httpHeaderName"));
  if (httpQueryParameterName === "") place.at("httpQueryParameterName").error(codes.incomplete, "must not be empty");
  if (httpCookie) {
    if (httpCookie.name === "") place.at("httpCookie", "name").error(codes.incomplete, "must not be empty");
    for (const field of ["name", "path"] as const)
      if (httpCookie[field]) checkCookieText(httpCookie[field], place.at("httpCookie", field));
    each(httpCookie.attributes, place.at("httpCookie", "attributes"), ({ name = "", value = "" }, at) => {
      checkCookieText(name, at.at("name"));
      checkCookieText(value, at.at("value"));
    });
    checkDuration(httpCookie.ttl, place.at("httpCookie", "ttl"), { zero: true });
  }
  if (hash.minimumRingSize) {
    const at = place.at("minimumRingSize");
    at.warn(codes.deprecated, "is deprecated", "use ringHash.minimumRingSize");
    if (hash.ringHash || hash.maglev)
      at.error(codes.conflict, "only one of minimumRingSize, ringHash and maglev may be set");
    checkRingSize(hash.minimumRingSize, at);
  }
  checkRingSize(hash.ringHash?.minimumRingSize, place.at("ringHash", "minimumRingSize"));
  if (hash.maglev) checkTableSize(hash.maglev.tableSize ?? 0, place.at("maglev", "tableSize"));
}

/** What would end the header that it is put into, or is longer than Envoy takes. */
function checkCookieText(text: string, place: Place): void {
  checkOneLine(text, place);
  if (Buffer.byteLength(text) > 16_384) place.error(codes.tooLarge, "has at most 16384 bytes");
}

/** Envoy refuses rings of more than 8M entries, which would be the default maximum. */
function checkRingSize(size: number | undefined, place: Place): void {
  if (size !== undefined && size > 8_388_608) place.error(codes.outOfRange, `${size} is more than 8388608`);
}

function checkTableSize(size: number, place: Place): void {
  if (size === 0) place.error(codes.incomplete, "tableSize must be set");
  else if (size >= 5_000_011) place.error(codes.outOfRange, "must be less than 5000011");
  else if (!isPrime(size)) place.error(codes.value, `${size} is not a prime number`);
}

function isPrime(number: number): boolean {
  if (number < 4) return number > 1;
  if (number % 2 === 0) return false;
  for (let factor = 3; factor * factor <= number; factor += 2) if (number % factor === 0) return false;
  return true;
}
