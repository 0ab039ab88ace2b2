// The small process that starts other programs for the service; see `spawner.ts`, which sends the orders.
// It is written in JavaScript, because Node's compiler for TypeScript would take most of its memory.

import { spawn } from 'node:child_process'
import { connect } from 'node:net'

/** The programs that are running, by the id of their order. */
const running = new Map()

process.on('message', (order) => {
  if (order.type === 'run') run(order)
  else if (order.type === 'start') void start(order)
  else if (order.type === 'feed')
    running.get(order.id)?.stdio[order.stream]?.end(Buffer.from(order.base64, 'base64'))
  else if (order.type === 'kill') kill(running.get(order.id))
})
// The service has ended in some way, so the first processes of its boxes are killed.
process.on('disconnect', () => {
  const boxes = [...running.values()].filter(({ isBox }) => isBox)
  // Their input has ended. Killed now, they would leave the commands that they are about to end.
  const ending = new Set(boxes.filter(({ endsInMs }) => endsInMs !== undefined))
  const forget = (box) => {
    ending.delete(box)
    if (ending.size === 0) process.exit()
  }
  for (const box of boxes) if (!ending.has(box)) kill(box)
  if (ending.size === 0) process.exit()
  for (const box of ending) {
    box.once('exit', () => forget(box))
    setTimeout(() => {
      kill(box)
      forget(box)
    }, box.endsInMs)
  }
})

/** The most characters of stderr that are kept. People read it, and its beginning is enough. */
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

/**
 * Starts a program whose input and output are connections to the service. What it reads and prints does not pass
 * through this process.
 */
async function start({ id, program, args, options, socketPath, pipes, endsInMs }) {
  const sockets = await Promise.all([0, 1, 2].map((stream) => openStream({ socketPath, id, stream })))
  const stdio = [...sockets, ...Array.from({ length: pipes }, () => 'pipe')]
  const child = begin(id, () => spawn(program, args, { ...options, detached: true, stdio }))
  for (const socket of sockets) socket.destroy()
  if (!child) return
  child.isBox = true
  child.endsInMs = endsInMs
  for (const pipe of child.stdio) pipe?.on('error', () => {}) // The program may end before it has read everything.
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
  // The service may have ended.
  if (process.connected) process.send(reply, () => {})
}

/** Connects one stream to the service, which tells the connections apart by their first line. */
function openStream({ socketPath, id, stream }) {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    // What the service sends is meant for the program, so it is not read here.
    socket.pause()
    socket.on('error', () => resolve(socket))
    socket.write(`${id} ${stream}\n`, () => resolve(socket))
  })
}

/** Kills a program with everything that it started, since that may keep the program's output open. */
function kill(child) {
  if (!child?.pid) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
