/** Run by fork: a thousand clients that do not read and fifty that do; tells at "end" how late events came. */
import { connectWire, type WireClient } from "./wire.ts";

const [port, token] = [Number(process.argv[2]), process.argv[3]!];
const connectSome = (count: number) =>
  Promise.all(Array.from({ length: count }, () => connectWire(port, { token })));

const active = await connectSome(50);
const slow: WireClient[] = [];
// As many at a time as one address may have before they have said who they are.
for (let round = 0; round < 50; round++) slow.push(...(await connectSome(20)));
for (const { socket } of slow) socket.pause();

const delaysMs: number[] = [];
for (const { socket, frames } of active)
  socket.on("message", (data) => {
    const sent = /"ts":(\d{13})/.exec(data.toString().slice(-80));
    if (sent) delaysMs.push(Date.now() - Number(sent[1]));
    frames.length = 0;
  });

process.on("message", () => {
  delaysMs.sort((a, b) => a - b);
  process.send!({ events: delaysMs.length, p95Ms: delaysMs[Math.floor(delaysMs.length * 0.95)] });
});
process.send!("ready");
