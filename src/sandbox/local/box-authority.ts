import type { webcrypto } from 'node:crypto'
import type { Certificate, Extension } from 'pkijs'
import type { BoxIdentity } from '../box/hidden-tls.ts'

/** The certificate authority of one box. Only the programs of this box trust it. Its key stays in this process. */
export interface BoxAuthority {
  /** PEM. */
  readonly certificate: string
  /**
   * Makes a new key and a certificate for it.
   *
   * @param hosts as in `EgressPolicy`; a pattern covers one level of names.
   */
  issue(hosts: readonly string[]): Promise<BoxIdentity>
}

/** Longer than any box lives. */
const VALID_MS = 7 * 24 * 60 * 60_000
/** Makes certificates valid from an hour ago, since a box may be slow, or its clock set back by the host. */
const EARLIER_MS = 60 * 60_000
const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const
const HASH = 'SHA-256'
/** Object identifiers of X.509 (RFC 5280, 4.2.1 and appendix A). */
const OID = {
  commonName: '2.5.4.3',
  keyUsage: '2.5.29.15',
  otherNames: '2.5.29.17',
  constraints: '2.5.29.19',
}
const DNS_NAME = 2

/** Loads the library here, since a service whose sandboxes are elsewhere does not need it. */
export async function createBoxAuthority(): Promise<BoxAuthority> {
  const [pki, asn1] = await Promise.all([import('pkijs'), import('asn1js')])
  const { subtle } = globalThis.crypto
  const { publicKey, privateKey } = await subtle.generateKey(KEY, false, ['sign', 'verify'])

  function extension(id: string, value: ArrayBuffer, critical: boolean): Extension {
    return new pki.Extension({ extnID: id, critical, extnValue: value })
  }

  /** @param bit of the only key usage (RFC 5280, 4.2.1.3). */
  function usage(bit: number): Extension {
    const bits = new asn1.BitString({ valueHex: new Uint8Array([0x80 >> bit]).buffer, unusedBits: 7 - bit })
    return extension(OID.keyUsage, bits.toBER(), true)
  }

  async function sign(
    certified: webcrypto.CryptoKey,
    name: string,
    extensions: Extension[],
  ): Promise<Certificate> {
    const now = Date.now()
    const serial = globalThis.crypto.getRandomValues(new Uint8Array(16))
    serial.set([0x40], 0) // Makes the serial number positive, without leading zeros.
    const certificate = new pki.Certificate({
      version: 2,
      serialNumber: new asn1.Integer({ valueHex: serial.buffer }),
      issuer: named('Backspace sandbox'),
      subject: named(name),
      notBefore: new pki.Time({ value: new Date(now - EARLIER_MS) }),
      notAfter: new pki.Time({ value: new Date(now + VALID_MS) }),
      extensions,
    })
    await certificate.subjectPublicKeyInfo.importKey(certified)
    await certificate.sign(privateKey, HASH)
    return certificate
  }

  function named(value: string): InstanceType<typeof pki.RelativeDistinguishedNames> {
    const text = new asn1.Utf8String({ value })
    const pair = new pki.AttributeTypeAndValue({ type: OID.commonName, value: text })
    return new pki.RelativeDistinguishedNames({ typesAndValues: [pair] })
  }

  function constraints(cA: boolean): Extension {
    return extension(OID.constraints, new pki.BasicConstraints({ cA }).toSchema().toBER(), true)
  }

  const own = await sign(publicKey, 'Backspace sandbox', [constraints(true), usage(5)])
  return {
    certificate: pem('CERTIFICATE', own.toSchema(true).toBER()),
    async issue(hosts) {
      const pair = await subtle.generateKey(KEY, true, ['sign', 'verify'])
      const names = hosts.filter((host) => /^[a-z0-9*._-]{1,253}$/i.test(host))
      const list = names.map((value) => new pki.GeneralName({ type: DNS_NAME, value }))
      const others = new pki.GeneralNames({ names: list }).toSchema().toBER()
      const certificate = await sign(pair.publicKey, 'Backspace relay', [
        constraints(false),
        usage(0),
        extension(OID.otherNames, others, false),
      ])
      return {
        key: pem('PRIVATE KEY', await subtle.exportKey('pkcs8', pair.privateKey)),
        certificate: pem('CERTIFICATE', certificate.toSchema(true).toBER()),
      }
    },
  }
}

function pem(kind: string, bytes: ArrayBuffer): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${kind}-----`, ...lines, `-----END ${kind}-----`, ''].join('\n')
}
