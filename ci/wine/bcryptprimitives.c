/*
 * A stand-in for bcryptprimitives.dll, which Rust's std needs for random numbers
 * and which Wine lacks before version 9. Built and installed by ci/wine.sh.
 */
#include <stddef.h>

/* RtlGenRandom of advapi32, under the name that it is exported by. */
unsigned char __stdcall SystemFunction036(void *bytes, unsigned long length);

__declspec(dllexport) int ProcessPrng(unsigned char *bytes, size_t length)
{
    /* In pieces, since one call takes 32 bits of length. */
    while (length > 0) {
        unsigned long piece = length > 0x40000000 ? 0x40000000 : (unsigned long)length;
        if (!SystemFunction036(bytes, piece))
            return 0;
        bytes += piece;
        length -= piece;
    }
    return 1;
}
