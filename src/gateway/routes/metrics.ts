import { defineRoute } from "../route.ts";

const TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** For Prometheus and whatever else reads OpenMetrics. What it tells of this gateway takes the secret. */
export default defineRoute({
  paths: ["/metrics"],
  methods: ["GET", "HEAD"],
  auth: "bearer",
  maxBodyBytes: 0,
  async run({ services, request, response }) {
    const { gatewayMetrics } = await import("../metrics/gateway-metrics.ts");
    const { exposition } = await import("../metrics/exposition.ts");
    const body = Buffer.from(exposition(gatewayMetrics(services)));
    response.writeHead(200, {
      "content-type": TYPE,
      "content-length": body.length,
      "cache-control": "no-store",
    });
    response.end(request.method === "HEAD" ? undefined : body);
  },
});
