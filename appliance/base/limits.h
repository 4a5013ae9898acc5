/* SPDX-License-Identifier: Apache-2.0 */
/* Every documented bound in one place; docs/LIMITS.md shows the same table (make lint compares). */
#pragma once

#define SR_LIMIT_CASE_JSON_BYTES (8u << 20)    /* case.json */
#define SR_LIMIT_CASE_VALUES 750000u           /* values in it */
#define SR_LIMIT_CASE_CONTAINERS 150000u       /* objects and lists among them */
#define SR_LIMIT_MEMBERS 10000u                /* members of one part */
#define SR_LIMIT_JSON_DEPTH 32u                /* nesting of any JSON that we read */
#define SR_LIMIT_PATH_BYTES 1024u              /* a member's path */
#define SR_LIMIT_NAME_BYTES 255u               /* one component of it */
#define SR_LIMIT_FOLDER_DEPTH 16u              /* folders below the case folder */
#define SR_LIMIT_PARTS 999u                    /* parts of one case */
#define SR_LIMIT_MEMBER_BYTES (1ull << 40)     /* one member's plaintext: 1 TiB */
#define SR_LIMIT_CATALOGUE_BYTES (64u << 20)   /* catalogue.age, decrypted */
#define SR_LIMIT_TAG_FILE_BYTES (4u << 20)     /* any other small file of an archive or bag */
#define SR_LIMIT_SIGNATURE_BYTES (64u << 10)   /* tagmanifest.p7s and .tsr, identity.p7m and .age */
#define SR_LIMIT_AGE_HEADER_BYTES (64u << 10)  /* an age header */
#define SR_LIMIT_AGE_STANZAS 32u               /* its recipients */
#define SR_LIMIT_AGE_ARGUMENT_BYTES 256u       /* one argument of a stanza */
#define SR_LIMIT_KEY_FILE_BYTES (64u << 10)    /* a key, identity or certificate file */
#define SR_LIMIT_PASSPHRASE_BYTES 1024u        /* the passphrase of the keys */
#define SR_LIMIT_STAMP_REPLY_BYTES (64u << 10) /* an RFC 3161 response */
#define SR_LIMIT_CERTIFICATES 64u      /* certificates and revocation lists of one file or signature */
#define SR_LIMIT_PACK_BYTES (4u << 20) /* a rulebook pack */
#define SR_LIMIT_OWN_PACKS 32u         /* rulebook packs of a bureau itself */
#define SR_LIMIT_RULES 2000u           /* rules of a pack */
#define SR_LIMIT_CONDITIONS 50000u     /* conditions of a rulebook, named ones as often as they are used */
#define SR_LIMIT_TABLE_ROWS 2000u      /* rows of a table of a pack */
#define SR_LIMIT_RULE_STEPS 30000000u  /* conditions and elements looked at to judge one case */
#define SR_LIMIT_FINDINGS 20000u       /* findings of one check */
#define SR_LIMIT_BAG_FILES 1000000u    /* files and folders of a bag made by others */
#define SR_LIMIT_BAG_PATH_BYTES 4095u  /* a path in it */
#define SR_LIMIT_BAG_DEPTH 64u         /* components of such a path */
#define SR_LIMIT_BAG_NAMES_BYTES (256u << 20)   /* all its paths together */
#define SR_LIMIT_BAG_TEXT_BYTES (256u << 20)    /* its manifests and other texts together */
#define SR_LIMIT_BAG_MANIFESTS 16u              /* its payload and tag manifests */
#define SR_LIMIT_BAG_PROBLEMS 1000u             /* problems told one by one; notes likewise */
#define SR_LIMIT_SEAL_MEMORY_BYTES (64u << 20)  /* peak memory of a seal of any size */
#define SR_LIMIT_CONFIG_BYTES (256u << 10)      /* strongroom.conf */
#define SR_LIMIT_FRAME_BYTES (8u << 20)         /* one frame of the wire, without its NUL */
#define SR_LIMIT_FRAME_VALUES 200000u           /* values in it */
#define SR_LIMIT_FRAME_CONTAINERS 50000u        /* objects and lists among them */
#define SR_LIMIT_FRAME_DESCRIPTORS 8u           /* descriptors that come with a frame */
#define SR_LIMIT_FRAME_DESCRIPTORS_MANY 64u     /* the same, for methods that ask for many */
#define SR_LIMIT_WIRE_OUTPUT_BYTES (8u << 20)   /* answers that wait for a caller who does not read */
#define SR_LIMIT_WIRE_CONNECTIONS 1024u         /* callers of the socket at a time */
#define SR_LIMIT_WIRE_USER_CONNECTIONS 64u      /* those of one uid */
#define SR_LIMIT_WIRE_RESERVE 64u               /* connections kept for root and the owner */
#define SR_LIMIT_WIRE_MEMORY_BYTES (512u << 20) /* frames and answers of all callers */
#define SR_LIMIT_WIRE_USER_BYTES (128u << 20)   /* those of one uid */
#define SR_LIMIT_WIRE_DESCRIPTORS 1024u         /* descriptors received and not yet taken */
#define SR_LIMIT_WIRE_USER_DESCRIPTORS 128u     /* those of one uid */
