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

/** Sends a scenario's load through each lane in turn, round after round, each round beginning with another lane. */
export async function measure(lanes: readonly Lane[], scenario: Scenario, place: Place): Promise<Rounds> {
  const rounds: Sample[][] = [];
  for (let round = 0; round < place.rounds; round += 1) {
    const samples: Sample[] = [];
    for (let turn = 0; turn < lanes.length; turn += 1) {
      const at = (round + turn) % lanes.length;
      const lane = lanes[at];
      if (lane) samples[at] = await sampleOf(lane, scenario, place);
    }
    rounds.push(samples);
  }
  return rounds;
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
