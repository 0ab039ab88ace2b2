// The small process that starts other programs for the service; see `spawner.ts`, which sends the orders.
// In JavaScript, because Node's compiler for TypeScript would be most of its memory.

import { spawn } from 'node:child_process'
import { connect } from 'node:net'

/** Programs that were started, by the id of their order. */
const running = new Map()

process.on('message', (order) => {
  if (order.type === 'run') run(order)
  else if (order.type === 'start') void start(order)
  else if (order.type === 'feed')
    running.get(order.id)?.stdio[order.stream]?.end(Buffer.from(order.base64, 'base64'))
  else if (order.type === 'kill') kill(running.get(order.id))
})
// The service has ended, however that happened.
process.on('disconnect', () => {
  for (const child of running.values()) if (child.isBox) kill(child)
  process.exit()
})

/** Of errors, which are for people, the beginning is enough. */
const MAX_ERROR_CHARACTERS = 16_000

/** Runs a program to its end and sends what it printed. */
function run({ id, program, args, options, timeoutMs, maxBytes }) {
  const output = []
  let left = maxBytes
  let errors = ''
  let problem
  const child = begin(id, () =>
    spawn(program, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }),
  )
  if (!child) return
  const stop = (why) => {
    problem ??= why
    kill(child)
  }
  const timer = timeoutMs && setTimeout(stop, timeoutMs, 'time')
  child.stdout.on('data', (chunk) => {
    left -= chunk.length
    if (left < 0) stop('size')
    else output.push(chunk)
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors = (errors + text).slice(0, MAX_ERROR_CHARACTERS)
  })
  child.once('close', (code) => {
    clearTimeout(timer)
    end(id, {
      type: 'ended',
      id,
      code,
      problem,
      stdout: Buffer.concat(output).toString('utf8'),
      stderr: errors,
    })
  })
}

/** Starts a program whose input and output are connections to the service, which no longer pass through this process. */
async function start({ id, program, args, options, socketPath, pipes }) {
  const sockets = await Promise.all([0, 1, 2].map((stream) => openStream({ socketPath, id, stream })))
  const stdio = [...sockets, ...Array.from({ length: pipes }, () => 'pipe')]
  const child = begin(id, () => spawn(program, args, { ...options, detached: true, stdio }))
  for (const socket of sockets) socket.destroy()
  if (!child) return
  child.isBox = true
  for (const pipe of child.stdio) pipe?.on('error', () => {}) // It ended before it had read everything.
  child.once('exit', (code) => end(id, { type: 'ended', id, code }))
  child.once('spawn', () => process.send({ type: 'started', id, pid: child.pid }))
}

function begin(id, spawnIt) {
  const fail = (error) => end(id, { type: 'failed', id, code: error.code, message: error.message })
  try {
    const child = spawnIt()
    running.set(id, child)
    child.once('error', (error) => child.pid === undefined && fail(error))
    return child
  } catch (error) {
    fail(error)
  }
}

function end(id, reply) {
  running.delete(id)
  // The service may be gone.
  if (process.connected) process.send(reply, () => {})
}

/** The service tells the connections apart by their first line. */
function openStream({ socketPath, id, stream }) {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    // What the service sends is for the program.
    socket.pause()
    socket.on('error', () => resolve(socket))
    socket.write(`${id} ${stream}\n`, () => resolve(socket))
  })
}

/** With all that it started, since that may keep its output open. */
function kill(child) {
  if (!child?.pid) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
