"""Passwords as `HEX(AES_ENCRYPT(clear, key))` of MySQL and MariaDB.

They are decrypted here rather than by the source's server: so the key comes into none of its logs because of us, and no
clear password over the connection.
"""

_BLOCK = 16


def decrypt(stored: str, key: str) -> str | None:
    """Return the clear password, or None for what is not one under this key. Source: AES_ENCRYPT(), aes-128-ecb."""
    # Not installed where the panel itself needs no MariaDB.
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import ECB
    from cryptography.hazmat.primitives.padding import PKCS7

    try:
        decryptor = Cipher(AES(_folded(key.encode())), ECB()).decryptor()
        padded = decryptor.update(bytes.fromhex(stored)) + decryptor.finalize()
        unpadder = PKCS7(8 * _BLOCK).unpadder()
        return (unpadder.update(padded) + unpadder.finalize()).decode()
    except ValueError:
        return None


def _folded(key: bytes) -> bytes:
    """Return the key as MySQL makes 128 bits of any text: its bytes laid over each other by XOR, the rest zeros."""
    folded = bytearray(_BLOCK)
    for position, byte in enumerate(key):
        folded[position % _BLOCK] ^= byte
    return bytes(folded)
