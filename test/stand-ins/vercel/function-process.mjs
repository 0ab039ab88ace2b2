// The process of a function, as its host starts it: loads the handler, and tells the host about each call.
import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { flushCompileCache } from 'node:module'

const calls = new AsyncLocalStorage()
globalThis[Symbol.for('@vercel/request-context')] = { get: () => calls.getStore() }

const { default: handler } = await import(process.argv[2])

function serve(incoming, outgoing) {
  const call = incoming.headers['x-call']
  delete incoming.headers['x-call']
  let open = 0
  function keepUntil(work) {
    open++
    function done() {
      if (--open > 0) return
      // A process that is killed leaves no compiled code for the next one.
      flushCompileCache()
      process.send?.({ done: call })
    }
    Promise.resolve(work).then(done, done)
  }
  // After the answer the host hears no more of what a call still does.
  const waitUntil = (work) => !outgoing.closed && keepUntil(work)
  keepUntil(once(outgoing, 'close'))
  calls.run({ waitUntil }, () => keepUntil(handler(incoming, outgoing)))
}

const server = createServer(serve).listen(0, '127.0.0.1', () =>
  process.send?.({ port: server.address().port }),
)
