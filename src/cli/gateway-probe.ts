import type { Config } from "../config/schema.ts";
import { Fault } from "../platform/fault.ts";
import type { GatewayConnection } from "../protocol/client.ts";
import type { HelloOk } from "../protocol/hello.ts";
import type { Scope } from "../protocol/scopes.ts";
import { type Capability, capabilityOf, capabilityWithout } from "./capability.ts";
import type { CommandContext } from "./context.ts";
import {
  channelSighting,
  type ProbeAnswers,
  type ProbeCall,
  schedulerSighting,
} from "./gateway-probe-answers.ts";
import { agedFacets, type Facets, no, type Sightings, unknown, yes } from "./gateway-probe-facet.ts";
import { type LocalProcess, lookAtPort, lookAtProcess, type PortOwner } from "./gateway-probe-machine.ts";
import { probeProblem } from "./gateway-probe-problem.ts";
import type { ServiceLook } from "./gateway-probe-service.ts";
import {
  type FailedCall,
  failedCall,
  helloSightings,
  httpSighting,
  rpcSighting,
  troubleSightings,
} from "./gateway-probe-wire.ts";
import { askHttp, type HttpAnswer, startupState } from "./startup-probe.ts";
import type { Problem } from "./status-payload.ts";
import type { Target } from "./target.ts";
import type { Trouble } from "./trouble.ts";

export interface ProbeInput {
  /** Asked side by side, once connected. */
  calls: readonly ProbeCall[];
  /** As few as the calls need, or all to learn what would be granted. */
  scopes: readonly Scope[];
  /** Names the connection; see `ReachOptions.backendFor`. */
  backendFor?: string;
  /** Of the handshake and of each call. What a probe waits for has a bound of its own as well. */
  timeoutMs: number;
  /** False: look, and ask nobody. */
  connect?: false;
  /** Supervisors of the machine: not at all, those of our name, or every definition that runs a gateway. */
  services?: "none" | "ours" | "deep";
}

export interface GatewayProbe {
  target: Target;
  facets: Facets;
  capability: Capability;
  process: LocalProcess;
  port: PortOwner;
  services?: ServiceLook;
  /** Undefined where no connection came about. */
  hello?: HelloOk;
  answers: Partial<ProbeAnswers>;
  failed: readonly FailedCall[];
  /** Why there is no connection, and the same for a person. */
  trouble?: Trouble;
  problem?: Problem;
  startup: "started" | "starting" | "closed" | "unknown";
  /** How long the gateway took to let the command in, or not. */
  handshakeMs: number;
  durationMs: number;
}

/** Longer than any gateway takes that is well, shorter than a person's patience with one that is frozen. */
const HTTP_MS = 2_000;
const HANDSHAKE_MS = 5_000;
/** The kernel says that it cannot answer; this only makes sure. */
const PAUSED_MS = 500;

/**
 * Everything that can be told about the gateway a command is about, each thing by itself. Every part has a deadline,
 * so the whole has one. Throws `Fault` only where the config says of no gateway at all.
 */
export async function probeGateway(context: CommandContext, input: ProbeInput): Promise<GatewayProbe> {
  const startedMs = performance.now();
  const process = lookAtProcess(context.paths);
  const config = await configOf(context);
  const target = await context.target();
  const services = lookAround(context, input, config);
  const wire = input.connect === false ? undefined : await askWire(context, target, process, input);
  const look = await services;

  const { trouble, hello, answers = {} } = wire ?? {};
  const port = await lookAtPort({
    target,
    process,
    refused: trouble?.kind === "refused",
    ...(answers.status?.pid !== undefined && { answeredBy: answers.status.pid }),
  });
  return {
    target,
    process,
    port,
    answers,
    failed: wire?.failed ?? [],
    facets: agedFacets(sightingsOf({ target, process, port, wire, look, config, input }), Date.now()),
    capability: hello
      ? capabilityOf(hello.auth?.scopes ?? [])
      : trouble
        ? capabilityWithout(trouble)
        : "unknown",
    ...(look && { services: look }),
    ...(hello && { hello }),
    ...(trouble && { trouble, problem: probeProblem(trouble, target, process, context.name) }),
    startup: wire ? startupState(wire.http) : "unknown",
    handshakeMs: Math.round(wire?.handshakeMs ?? 0),
    durationMs: Math.round(performance.now() - startedMs),
  };
}

interface Wire {
  http: HttpAnswer;
  hello?: HelloOk;
  handshakeMs: number;
  trouble?: Trouble;
  answers: Partial<ProbeAnswers>;
  failed: FailedCall[];
  callsMs: number;
}

async function askWire(
  context: CommandContext,
  target: Target,
  { paused }: LocalProcess,
  { calls, scopes, backendFor, timeoutMs }: ProbeInput,
): Promise<Wire> {
  const limit = (ms: number) => Math.min(timeoutMs, target.local && paused ? PAUSED_MS : ms);
  const http = askHttp(target, "/startupz", limit(HTTP_MS));
  const startedMs = performance.now();
  const reached = await context.reach({
    scopes,
    asPaired: true,
    timeoutMs: limit(HANDSHAKE_MS),
    ...(backendFor !== undefined && { backendFor }),
  });
  const handshakeMs = performance.now() - startedMs;
  const nothing = { handshakeMs, answers: {}, failed: [], callsMs: 0 };
  if (reached.kind === "trouble") return { ...nothing, http: await http, trouble: reached.trouble };
  const asked = await ask(reached.connection, calls, limit(HANDSHAKE_MS));
  return { ...nothing, ...asked, http: await http, hello: reached.connection.hello };
}

async function ask(
  { call }: GatewayConnection,
  methods: readonly ProbeCall[],
  timeoutMs: number,
): Promise<Pick<Wire, "answers" | "failed" | "callsMs">> {
  const startedMs = performance.now();
  const answers: Partial<Record<ProbeCall, unknown>> = {};
  const failed: FailedCall[] = [];
  await Promise.all(
    methods.map((method) =>
      call(method, {}, { timeoutMs }).then(
        (answer) => {
          answers[method] = answer;
        },
        (error: Error) => failed.push(failedCall(method, error)),
      ),
    ),
  );
  return { answers: answers as Partial<ProbeAnswers>, failed, callsMs: performance.now() - startedMs };
}

async function lookAround(
  { env, paths }: CommandContext,
  { services = "none", timeoutMs }: ProbeInput,
  config: Config | Fault,
): Promise<ServiceLook | undefined> {
  if (services === "none") return undefined;
  const { lookAtServices } = await import("./gateway-probe-service.ts");
  return await lookAtServices({
    env,
    paths,
    deep: services === "deep",
    ...(!(config instanceof Fault) && { config }),
    signal: AbortSignal.timeout(timeoutMs),
  });
}

/** The file as it stands, which need not be what a running gateway serves. */
async function configOf(context: CommandContext): Promise<Config | Fault> {
  try {
    return (await context.config()).config;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

interface Seen {
  target: Target;
  process: LocalProcess;
  port: PortOwner;
  wire: Wire | undefined;
  look: ServiceLook | undefined;
  config: Config | Fault;
  input: ProbeInput;
}

function sightingsOf({ target, process, port, wire, look, config, input }: Seen): Sightings {
  const notAsked = unknown("not asked");
  const { hello, trouble } = wire ?? {};
  const onWire = hello
    ? helloSightings(hello, target, wire!.handshakeMs)
    : trouble
      ? troubleSightings(trouble, target)
      : { websocket: notAsked, auth: notAsked, scopes: notAsked };
  return {
    process: target.local ? process.sighting : unknown("another machine, or another gateway"),
    port: port.sighting,
    http: wire ? httpSighting(wire.http, target) : notAsked,
    ...onWire,
    rpc: hello ? rpcSighting(input.calls, wire!.failed, wire!.callsMs) : unknown("no connection"),
    config: config instanceof Fault ? no(config.message) : yes("the file can be used"),
    serviceConfig: look?.serviceConfig ?? notAsked,
    service: look?.service ?? notAsked,
    channels: channelSighting(wire?.answers ?? {}, config instanceof Fault ? undefined : config),
    scheduler: schedulerSighting(wire?.answers ?? {}),
  };
}
