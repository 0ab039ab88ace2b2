/** Keys that sign receipts, without their private halves. One key is in use; the others verify what they signed. */
export interface ReceiptKeysTable {
  /** SHA-256 of the public key (SPKI, DER), in hexadecimal. */
  id: string
  /** SPKI, DER. */
  public_key: Uint8Array
  created_at: Date
  /** Null for the key in use. The database allows only one such row. */
  retired_at: Date | null
}

/** The private half of the key in use. No backup has it, and it is deleted when the key is retired. */
export interface ReceiptSecretsTable {
  key_id: string
  /** PKCS #8, DER. */
  private_key: Uint8Array
}

/** One receipt per run. */
export interface ReceiptsTable {
  run_id: string
  /** The attempt that issued the receipt. */
  attempt: number
  /** The commit that the receipt is about. */
  commit: string
  key_id: string
  /** Exactly the bytes that are served. */
  envelope: string
  issued_at: Date
}
