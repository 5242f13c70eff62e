// What the gateway is measured against: the least a Node server with HTTP and WebSocket can be.
import http from "node:http";
import { WebSocketServer } from "ws";

const server = http.createServer((_request, response) => response.end("ok"));
new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket) => {
  socket.on("message", (data) => {
    const frame = JSON.parse(data.toString());
    socket.send(JSON.stringify({ type: "res", id: frame.id, ok: true, payload: frame.params }));
  });
});
server.listen(Number(process.argv[2]), "127.0.0.1");
