import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFrameDecoder, encodeFrame } from '../../../src/sandbox/box/protocol.ts'

test('frames come out as they went in, however the stream is cut', () => {
  const frame = fc.record({
    header: fc.record({ type: fc.string() }),
    body: fc.uint8Array({ maxLength: 50 }),
  })
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 5 }), fc.integer({ min: 1, max: 30 }), (frames, step) => {
      const stream = Buffer.concat(frames.map(({ header, body }) => encodeFrame(header, body)))
      const decode = createFrameDecoder(() => 50)
      const decoded = []
      for (let at = 0; at < stream.length; at += step) decoded.push(...decode(stream.subarray(at, at + step)))
      expect(decoded.map(({ header, body }) => ({ header, body: [...body] }))).toEqual(
        frames.map(({ header, body }) => ({ header, body: [...body] })),
      )
    }),
  )
})

test('a frame larger than was asked for is refused before it is held', () => {
  const decode = createFrameDecoder(() => 10)
  expect(() => decode(encodeFrame({}, new Uint8Array(11)).subarray(0, 8))).toThrow('larger than allowed')
})

test('what is no frame is refused', () => {
  expect(() => createFrameDecoder(() => 10)(Buffer.from('HTTP/1.1 200 OK'))).toThrow()
})
