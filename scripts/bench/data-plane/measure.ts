import { leadThrough, type Lane } from "./lane.ts";
import { sendLoad, type Outcome, type Scenario } from "./load.ts";
import { cpuOf } from "./processes.ts";

/** One run of one scenario through one lane. */
export interface Sample extends Outcome {
  /** Processor time of both sidecars together, in seconds per 1,000 requests; 0 where there are none. */
  readonly cpuPer1000: number;
}

/** All runs of one scenario: a round holds one sample of each lane, in the order of the lanes. */
export type Rounds = readonly (readonly Sample[])[];

export interface Place {
  /** Network namespaces of the client and the server. */
  readonly namespaces: readonly [client: string, server: string];
  readonly seconds: number; // of each run
  readonly rounds: number;
}

/** Sends a scenario's load through each lane in turn, round after round, in an order in which no lane always follows the same one. */
export async function measure(lanes: readonly Lane[], scenario: Scenario, place: Place): Promise<Rounds> {
  const rounds: Sample[][] = [];
  for (let round = 0; round < place.rounds; round += 1) {
    const samples: Sample[] = [];
    for (const at of orderOf(round, lanes.length)) {
      const lane = lanes[at];
      if (lane) samples[at] = await sampleOf(lane, scenario, place);
    }
    rounds.push(samples);
  }
  return rounds;
}

/**
 * The order of a round's turns: a Williams design, in which each of `count` follows each other one equally often after `count` rounds
 * (twice as many if `count` is odd), so that what one leaves behind does not weigh on the same neighbour always.
 */
export function orderOf(round: number, count: number): number[] {
  const zigzag = Array.from({ length: count }, (_, turn) => (turn % 2 === 1 ? (turn + 1) / 2 : count - turn / 2));
  const order = zigzag.map((at) => (at + round) % count);
  return count % 2 === 1 && Math.floor(round / count) % 2 === 1 ? order.reverse() : order;
}

async function sampleOf(lane: Lane, scenario: Scenario, { namespaces, seconds }: Place): Promise<Sample> {
  await leadThrough(lane, namespaces);
  const url = lane.urlFor(scenario.version);
  const before = await cpuOf(lane.pids);
  const outcome = await sendLoad(namespaces[0], url, scenario, seconds);
  const cpu = (await cpuOf(lane.pids)) - before;
  return { ...outcome, cpuPer1000: (cpu / outcome.requests) * 1000 };
}

/** The middle one; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = NaN, high = low] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low + high) / 2;
}

/** Between which two of the values the median of what they are a sample of lies, in 95 of 100 cases: the binomial rule for order statistics. */
export function medianInterval(values: readonly number[]): readonly [low: number, high: number] {
  const sorted = [...values].sort((a, b) => a - b);
  const from = Math.max(0, Math.floor(sorted.length / 2 - 0.98 * Math.sqrt(sorted.length)));
  return [sorted[from] ?? NaN, sorted[sorted.length - 1 - from] ?? NaN];
}
