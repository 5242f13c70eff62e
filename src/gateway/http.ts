import type { IncomingMessage, ServerResponse } from "node:http";
import { attributeClient, type ClientAddress, checkOrigin, hostAllowed } from "../access/origin.ts";
import { toGatewayError } from "../protocol/errors.ts";
import { isAuthenticated, requireBearer } from "./bearer.ts";
import { readJson } from "./body.ts";
import { linger } from "./linger.ts";
import { HttpRefusal, type Route, type RouteContext } from "./route.ts";
import { ROUTES } from "./routes.gen.ts";
import type { GatewayServices } from "./services.ts";
import { PROXY_REFUSAL } from "./upgrade.ts";

const EXACT = new Map<string, Route>(
  ROUTES.flatMap((route) => route.paths.map((path) => [path, route] as const)),
);
const PREFIXES = ROUTES.filter((route) => route.prefix)
  .flatMap((route) => route.paths.map((path) => ({ route, path: `${path}/` })))
  .sort((a, b) => b.path.length - a.path.length);
const CLAIMING = ROUTES.filter((route) => route.claims);

const COMMON_HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
} as const;

/** Answers one HTTP request; whatever a route throws is answered here and nowhere else. */
export async function handleHttp(
  request: IncomingMessage,
  response: ServerResponse,
  services: GatewayServices,
): Promise<void> {
  for (const [name, value] of Object.entries(COMMON_HEADERS)) response.setHeader(name, value);
  const visit: Visit = { route: "none", ip: request.socket.remoteAddress ?? "" };
  response.once("close", () => {
    const { statusCode, headersSent } = response;
    const status = headersSent ? `${Math.floor(statusCode / 100)}xx` : "aborted";
    services.stability.counters.add("http_requests", [visit.route, status]);
  });
  try {
    await answer(request, response, services, visit);
  } catch (thrown) {
    fail(request, response, thrown, services, visit);
  }
}

/** What is known of a request when it is counted or refused. */
interface Visit {
  /** As routes call themselves: what strangers ask for is no label. */
  route: string;
  ip: string;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  services: GatewayServices,
  visit: Visit,
): Promise<void> {
  const url = parseTarget(request.url ?? "/");
  const found = findRoute(url.pathname, services);
  if (found) visit.route = found.route.paths[0]!;
  const client = admitClient(request, found?.route, services);
  visit.ip = client.ip;
  if (!found) throw new HttpRefusal(404, "not_found", "Not Found");

  const { route, rest } = found;
  if (!route.methods.includes(request.method as Route["methods"][number])) {
    wrongMethod(route, response);
    return;
  }
  // A page from elsewhere can send some requests without asking first; it may not change anything (AUTH-43).
  if (request.method === "POST" && checkOrigin(request, services.perimeter) === "denied") {
    throw new HttpRefusal(403, "origin_not_allowed", "This origin may not use the gateway.");
  }
  const authenticated =
    route.auth === "none"
      ? isAuthenticated(request, services)
      : await requireBearer(request, client, services);
  const controller = new AbortController();
  response.once("close", () => controller.abort(new Error("client went away")));

  const context: RouteContext = {
    services,
    client,
    authenticated,
    url,
    rest,
    request,
    response,
    signal: controller.signal,
    async json() {
      const body = await readJson(request, route.maxBodyBytes);
      // A body can take its time; the secret that opened the door for it may be void by now (AUTH-28).
      if (route.auth === "bearer" && !isAuthenticated(request, services))
        throw new HttpRefusal(401, "unauthorized", "Unauthorized");
      return body;
    },
  };
  const beganAt = services.clock.monotonic();
  const running = route.run(context);
  services.stability.blocked(`http ${route.paths[0]}`, beganAt);
  await running;
}

/**
 * One spelling per path: what the parser would fold ("/../x", "//x", "/%2e/x") is refused, so that a proxy's rules
 * and ours always look at the same path (AUTH-39, FILE-04).
 */
function parseTarget(target: string): URL {
  const url = URL.parse(target, "http://gateway");
  if (!url || url.pathname !== target.split("?", 1)[0]) throw new HttpRefusal(404, "not_found", "Not Found");
  return url;
}

function findRoute(pathname: string, services: GatewayServices): { route: Route; rest: string } | undefined {
  const exact = EXACT.get(pathname);
  if (exact) return { route: exact, rest: "" };
  for (const { route, path } of PREFIXES) {
    if (!pathname.startsWith(path)) continue;
    try {
      return { route, rest: decodeURIComponent(pathname.slice(path.length)) };
    } catch {
      throw new HttpRefusal(400, "invalid_request_error", "Malformed URL.");
    }
  }
  const claimer = CLAIMING.find((route) => route.claims!(pathname, services));
  return claimer && { route: claimer, rest: "" };
}

function admitClient(
  request: IncomingMessage,
  route: Route | undefined,
  services: GatewayServices,
): ClientAddress {
  const attribution = attributeClient(request, services.perimeter);
  if (attribution.kind === "unattributable") {
    if (route?.anyProxy) return { ip: attribution.peer, localDirect: false };
    services.observed.proxyRefused(attribution.peer);
    throw new HttpRefusal(403, PROXY_REFUSAL.type, PROXY_REFUSAL.message);
  }
  if (!route?.anyProxy && !hostAllowed(request, services.perimeter, attribution.client)) {
    throw new HttpRefusal(421, "host_not_allowed", "This host name does not belong to the gateway.");
  }
  return attribution.client;
}

function wrongMethod(route: Route, response: ServerResponse): void {
  response.writeHead(405, { allow: route.methods.join(", "), "content-type": "text/plain; charset=utf-8" });
  response.end("Method Not Allowed");
}

function fail(
  request: IncomingMessage,
  response: ServerResponse,
  thrown: unknown,
  services: GatewayServices,
  visit: Visit,
): void {
  const { sink } = services;
  const refusal = thrown instanceof HttpRefusal ? thrown : internal(thrown);
  if (thrown instanceof HttpRefusal) noteRefusal(request, thrown, services, visit);
  else if (refusal.status >= 500)
    sink.log.error("request failed", { path: pathOnly(request), error: thrown });
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What is left of a refused body is of no use to anybody: the connection ends with the answer (DOS-12).
  const unread = !request.complete && request.headers["content-length"] !== "0" && request.method !== "GET";
  const text = JSON.stringify({ error: { message: refusal.message, type: refusal.type } });
  response.writeHead(refusal.status, {
    ...refusal.headers,
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "content-length": Buffer.byteLength(text),
    ...(unread && { connection: "close" }),
  });
  if (!unread || request.destroyed) {
    response.end(text);
    return;
  }
  response.write(text);
  void linger(request).then(() => response.end());
}

/** Who asks for what is not there is no news; who is turned away may wonder why. */
function noteRefusal(
  request: IncomingMessage,
  { status, type, message }: HttpRefusal,
  { sink, refusals, stability }: GatewayServices,
  { route, ip }: Visit,
): void {
  const log = sink.log.child("http");
  const said = { method: request.method, path: pathOnly(request), ip, status, reason: message };
  if (status === 401 || status === 429) stability.counters.add("auth_failures", ["http", type]);
  if (status === 413) stability.ring.record("payload.large", { surface: "http", action: "rejected", route });
  const fix = FIXES[status];
  if (fix === undefined) log.debug("request refused", said);
  else refusals.note(`http ${ip} ${route} ${status}`, "request refused", { ...said, fix }, log);
}

/** By status; the others are a matter of the caller's program. */
const FIXES: Readonly<Record<number, string>> = {
  401: "openclaw gateway auth-token --show",
  403: "openclaw doctor",
  413: "send less at once; the reason names the limit",
  421: "openclaw doctor",
  429: "wait, then use the right token: openclaw gateway auth-token --show",
  503: "openclaw status",
};

function internal(thrown: unknown): HttpRefusal {
  const { code, message } = toGatewayError(thrown);
  return new HttpRefusal(
    code === "UNAVAILABLE" ? 500 : 400,
    code === "UNAVAILABLE" ? "internal_error" : "invalid_request_error",
    message,
  );
}

/** Queries may carry what somebody should not have put there; logs get the path alone. */
function pathOnly({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0]!;
}
