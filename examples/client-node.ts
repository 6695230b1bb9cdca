// A client: `node dist/examples/client-node.js URL TEXT...` sends each text and prints what comes back for it.
import process from "node:process";
import { connect, HandshakeError, WebSocketError } from "sansws/node";

const [url = "ws://127.0.0.1:8080/", ...texts] = process.argv.slice(2);
try {
  await using socket = await connect(url, { timers: { handshake: 5000 } });
  for (const text of texts) socket.send(text);
  let waiting = texts.length;
  if (waiting > 0) {
    for await (const message of socket) {
      console.log(message);
      if (--waiting === 0) break;
    }
  }
} catch (error) {
  if (error instanceof HandshakeError) console.error(`the server answered ${error.status}`);
  else if (error instanceof WebSocketError) console.error(`${error.code}: ${error.message}`);
  else throw error;
  process.exitCode = 1;
}
