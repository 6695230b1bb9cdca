// The core by hand: an echo server on node:net without any adapter, to see what an adapter does. `node dist/examples/sans-io.js [port]`.
import { createServer } from "node:net";
import process from "node:process";
import { serverConnection } from "sansws";

const options = Object.freeze({}); // one frozen object for all connections
const now = () => Math.floor(performance.now());

const server = createServer({ allowHalfOpen: true }, (socket) => {
  const machine = serverConnection(options);
  let timer: NodeJS.Timeout | undefined;

  const turn = () => {
    for (let event = machine.poll(); event !== null; event = machine.poll()) {
      if (event.type === "request") machine.accept();
      else if (event.type === "text" || event.type === "binary") machine.send(event.data);
    }
    write();
    if (machine.transport === "destroy") socket.destroy();
    clearTimeout(timer);
    const next = machine.nextTimeout(now());
    if (next !== null) {
      timer = setTimeout(() => {
        machine.handleTimeout(now());
        turn();
      }, next - now());
    }
  };
  let writing = false;
  const write = () => {
    if (writing) return; // one write in flight: the chunk is the machine's until it has been consumed
    const chunk = machine.peekOutput();
    if (chunk === null) return void (machine.transport === "end" && socket.end());
    writing = true;
    socket.write(chunk, (error) => {
      writing = false;
      if (error) return;
      machine.consumeOutput(chunk.length);
      turn();
    });
  };

  socket.on("data", (bytes) => {
    machine.receive(bytes, now());
    turn();
  });
  const ended = (error?: Error) => {
    machine.receiveEnd(now(), error);
    turn();
  };
  socket.on("end", ended).on("error", ended).on("close", () => clearTimeout(timer));
});
server.listen(Number(process.argv[2] ?? 8082), "127.0.0.1", () => console.log("listening on", server.address()));
process.once("SIGTERM", () => server.close());
