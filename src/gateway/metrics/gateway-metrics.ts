import { readdirSync } from "node:fs";
import { PRODUCT_VERSION } from "../../protocol/version.ts";
import type { GatewayServices } from "../services.ts";
import type { CounterFamily, Counters } from "./counters.ts";
import type { MetricFamily, MetricSample } from "./exposition.ts";

/** Everything `/metrics` shows; labels come from closed sets, so the number of series has a bound. */
export function gatewayMetrics(services: GatewayServices): MetricFamily[] {
  return [
    {
      name: "openclaw_build",
      type: "info",
      help: "Version of the gateway and of Node.",
      samples: [{ suffix: "_info", labels: { version: PRODUCT_VERSION, node: process.version }, value: 1 }],
    },
    ...processFamilies(services),
    ...eventLoopFamilies(services),
    ...connectionFamilies(services),
    ...turnFamilies(services),
    ...requestFamilies(services),
  ];
}

function processFamilies({ clock, lifecycle, stability }: GatewayServices): MetricFamily[] {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const fds = openFiles();
  const { level, budgetBytes } = stability.memory;
  return [
    gauge("process_resident_memory_bytes", "Memory of the process that is in RAM.", rss, "bytes"),
    gauge("openclaw_heap_used_bytes", "JavaScript heap in use.", heapUsed, "bytes"),
    gauge("openclaw_heap_size_bytes", "JavaScript heap reserved.", heapTotal, "bytes"),
    gauge("openclaw_external_memory_bytes", "Buffers outside of the JavaScript heap.", external, "bytes"),
    ...(budgetBytes === undefined
      ? []
      : [gauge("openclaw_memory_budget_bytes", "What the memory watchdog allows.", budgetBytes, "bytes")]),
    {
      name: "openclaw_memory_level",
      type: "gauge",
      help: "1 for the level the memory watchdog is at.",
      samples: ["normal", "shedding", "refusing", "restarting"].map((name) => ({
        labels: { level: name },
        value: name === level ? 1 : 0,
      })),
    },
    {
      name: "process_cpu_seconds",
      type: "counter",
      unit: "seconds",
      help: "CPU time of all threads.",
      samples: [{ suffix: "_total", value: (user + system) / 1e6 }],
    },
    gauge(
      "process_start_time_seconds",
      "When the process began, since the epoch.",
      Math.round(clock.now() / 1_000 - process.uptime()),
      "seconds",
    ),
    gauge("openclaw_uptime_seconds", "Time since this start.", lifecycle.uptimeMs() / 1_000, "seconds"),
    ...(fds === undefined ? [] : [gauge("process_open_fds", "Open file descriptors.", fds)]),
  ];
}

function eventLoopFamilies({ eventLoop }: GatewayServices): MetricFamily[] {
  return [
    {
      name: "openclaw_event_loop_delay_seconds",
      type: "summary",
      unit: "seconds",
      help: "How late the main thread runs; the highest reading of the last minute.",
      samples: Object.entries(eventLoop.recent()).map(([quantile, ms]) => ({
        labels: { quantile: decimal(Number(quantile)) },
        value: ms / 1_000,
      })),
    },
  ];
}

function connectionFamilies({ broadcast, outflow }: GatewayServices): MetricFamily[] {
  const roles: Record<string, number> = { operator: 0, node: 0 };
  let pending = 0;
  for (const { principal, pending: waiting } of broadcast.connections()) {
    roles[principal.role] = (roles[principal.role] ?? 0) + 1;
    pending += waiting.size;
  }
  return [
    {
      name: "openclaw_connections",
      type: "gauge",
      help: "WebSocket clients that have said hello.",
      samples: Object.entries(roles).map(([role, value]) => ({ labels: { role }, value })),
    },
    gauge("openclaw_rpc_requests_pending", "Requests of WebSocket clients that wait for an answer.", pending),
    gauge("openclaw_unread_bytes", "Sent to WebSocket clients and not read yet.", outflow.total(), "bytes"),
  ];
}

function turnFamilies({ turns, stability: { counters } }: GatewayServices): MetricFamily[] {
  const running = turns.lanes.running();
  const { upTo, counts, sum } = counters.turnDurations();
  let reached = 0;
  const buckets = counts.map((count, i): MetricSample => {
    reached += count;
    return {
      suffix: "_bucket",
      labels: { le: i < upTo.length ? decimal(upTo[i]!) : "+Inf" },
      value: reached,
    };
  });
  return [
    {
      name: "openclaw_turns_open",
      type: "gauge",
      help: "Turns that run or wait for their lane.",
      samples: [
        { labels: { state: "running" }, value: running },
        { labels: { state: "waiting" }, value: turns.lanes.size() - running },
      ],
    },
    counter(counters, "turns", "openclaw_turns", "Messages by how they ended.", ["outcome"]),
    counter(counters, "model_tokens", "openclaw_model_tokens", "Tokens as models count them.", ["direction"]),
    {
      name: "openclaw_turn_duration_seconds",
      type: "histogram",
      unit: "seconds",
      help: "Accepted turns from begin to end.",
      samples: [...buckets, { suffix: "_sum", value: sum }, { suffix: "_count", value: reached }],
    },
  ];
}

function requestFamilies({ sink, stability: { counters } }: GatewayServices): MetricFamily[] {
  return [
    counter(counters, "http_requests", "openclaw_http_requests", "HTTP requests by route.", [
      "route",
      "status",
    ]),
    counter(counters, "rpc_requests", "openclaw_rpc_requests", "Requests of WebSocket clients.", [
      "method",
      "outcome",
    ]),
    counter(counters, "auth_failures", "openclaw_auth_failures", "Refused credentials and identities.", [
      "surface",
      "reason",
    ]),
    {
      name: "openclaw_log_lines",
      type: "counter",
      help: "Lines written to the log.",
      samples: Object.entries(sink.lines()).map(([level, value]) => ({
        suffix: "_total",
        labels: { level },
        value,
      })),
    },
  ];
}

function gauge(name: string, help: string, value: number, unit?: "bytes" | "seconds"): MetricFamily {
  return { name, type: "gauge", help, ...(unit && { unit }), samples: [{ value }] };
}

function counter(
  counters: Counters,
  family: CounterFamily,
  name: string,
  help: string,
  labelNames: readonly string[],
): MetricFamily {
  return {
    name,
    type: "counter",
    help,
    samples: counters.of(family).map(({ labels, value }) => ({
      suffix: "_total",
      labels: Object.fromEntries(labelNames.map((label, i) => [label, labels[i] ?? ""])),
      value,
    })),
  };
}

/** Bounds are floating-point numbers, and `1` is written `1.0`. */
function decimal(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** Linux only. */
function openFiles(): number | undefined {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return undefined;
  }
}
