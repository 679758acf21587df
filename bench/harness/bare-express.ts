import { DEFAULT_HEARTBEAT_INTERVAL_MS, heartbeatRequest, MAX_BODY_BYTES } from '@flotilla/contracts';
import express from 'express';

/** The baseline of `heartbeat`: one Express route that validates the same body and does nothing else. */
const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: MAX_BODY_BYTES }));
app.post('/api/heartbeat', (request, response) => {
  const parsed = heartbeatRequest.safeParse(request.body);
  if (!parsed.success) {
    response.status(400).json({ status: 400 });
    return;
  }
  response.json({
    tasks: [],
    heartbeatIntervalMs: DEFAULT_HEARTBEAT_INTERVAL_MS,
    serverTime: new Date().toISOString(),
    resend: false,
  });
});

const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  process.send?.({ port: address.port });
});
process.on('disconnect', () => server.close());
