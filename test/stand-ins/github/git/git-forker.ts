import { spawn } from 'node:child_process'
import type { GitAnswer, GitOrder } from './run-git.ts'

/**
 * A process of its own that starts git for the stand-in. A process that holds an embedded database is hundreds of
 * megabytes large, and each start of another out of it takes ten times as long as out of this one.
 */
process.on('message', (order: GitOrder) => {
  const { directory, args, env, input } = order
  const child = spawn('git', args, { cwd: directory, env, stdio: 'pipe' })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  // git may exit before it has read everything; its exit code then says why.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  child.on('error', (error) => answer({ exitCode: null, stdout: Buffer.alloc(0), stderr: error.message }))
  child.on('close', (exitCode) => {
    answer({ exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() })
  })

  function answer(result: Omit<GitAnswer, 'id'>): void {
    // The process that asked may be gone.
    if (process.connected) process.send?.({ id: order.id, ...result } satisfies GitAnswer)
  }
})
