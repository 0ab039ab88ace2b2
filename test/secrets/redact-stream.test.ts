import { expect, test } from 'vitest'
import { createRedactStream } from '../../src/secrets/redact-stream.ts'

test('a secret that arrives in two chunks is masked at whatever offset it is split', () => {
  const text = `token ghp_${'a1'.repeat(18)} and exact-value-canary end`
  for (let at = 0; at <= text.length; at++) {
    const stream = createRedactStream(['exact-value-canary'])
    const masked = stream.write(text.slice(0, at)) + stream.write(text.slice(at)) + stream.end()
    expect(masked).toBe('token [redacted] and [redacted] end')
  }
})
