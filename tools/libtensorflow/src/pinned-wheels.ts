import type { NativeVariant } from '@pixelis/native';

/** A wheel of the Python package index, by its exact file. */
export interface PinnedWheel {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** What an installation is made of. */
export interface PinnedInstallation {
  readonly version: string;
  readonly variant: NativeVariant;
  /** As Node names it. */
  readonly arch: 'x64' | 'arm64';
  /** TensorFlow's own wheel. */
  readonly tensorflow: PinnedWheel;
  /** The wheels with the libraries of CUDA; empty for the CPU. */
  readonly cuda: readonly PinnedWheel[];
  /** Bytes of what is unpacked, about. */
  readonly unpackedBytes: number;
}

/**
 * The hashes are those that the Python package index states. Only wheels for CPython 3.11 are named: what is taken of them is the
 * same library in each.
 */
export const PINNED_INSTALLATIONS: readonly PinnedInstallation[] = [
  {
    version: '2.21.0',
    variant: 'cpu',
    arch: 'x64',
    tensorflow: {
      file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
      sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
      bytes: 273_829_956,
    },
    cuda: [],
    unpackedBytes: 870_000_000,
  },
  {
    version: '2.21.0',
    variant: 'cpu',
    arch: 'arm64',
    tensorflow: {
      file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl',
      sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
      bytes: 281_828_020,
    },
    cuda: [],
    unpackedBytes: 900_000_000,
  },
  {
    version: '2.21.0',
    variant: 'gpu',
    arch: 'x64',
    tensorflow: {
      file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
      sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
      bytes: 572_440_367,
    },
    cuda: [
      {
        file: 'nvidia_cublas_cu12-12.9.3.13-py3-none-manylinux_2_27_x86_64.whl',
        sha256: 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
        bytes: 581_217_458,
      },
      {
        file: 'nvidia_cuda_cupti_cu12-12.8.90-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
        sha256: 'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
        bytes: 10_248_621,
      },
      {
        file: 'nvidia_cuda_nvcc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
        sha256: '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
        bytes: 40_546_229,
      },
      {
        file: 'nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
        sha256: '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
        bytes: 89_568_129,
      },
      {
        file: 'nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
        sha256: '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
        bytes: 3_493_179,
      },
      {
        file: 'nvidia_cudnn_cu12-9.28.0.42-py3-none-manylinux_2_27_x86_64.whl',
        sha256: '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
        bytes: 716_538_495,
      },
      {
        file: 'nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
        sha256: 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
        bytes: 200_877_592,
      },
      {
        file: 'nvidia_curand_cu12-10.3.10.19-py3-none-manylinux_2_27_x86_64.whl',
        sha256: '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
        bytes: 68_295_626,
      },
      {
        file: 'nvidia_cusolver_cu12-11.7.5.82-py3-none-manylinux_2_27_x86_64.whl',
        sha256: '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
        bytes: 338_117_415,
      },
      {
        file: 'nvidia_cusparse_cu12-12.5.10.65-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
        sha256: '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
        bytes: 366_465_088,
      },
      {
        file: 'nvidia_nccl_cu12-2.32.3-py3-none-manylinux_2_27_x86_64.whl',
        sha256: 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
        bytes: 351_526_311,
      },
      {
        file: 'nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
        sha256: 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
        bytes: 39_748_338,
      },
    ],
    unpackedBytes: 6_000_000_000,
  },
  {
    version: '2.20.0',
    variant: 'cpu',
    arch: 'x64',
    tensorflow: {
      file: 'tensorflow_cpu-2.20.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
      sha256: 'cf756bbe2d256e942ab5d0ad2c858fb40017581494febdb4387c149b1afde780',
      bytes: 258_876_263,
    },
    cuda: [],
    unpackedBytes: 850_000_000,
  },
  {
    version: '2.20.0',
    variant: 'cpu',
    arch: 'arm64',
    tensorflow: {
      file: 'tensorflow-2.20.0-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl',
      sha256: '3e9568c8efcb05c0266be223e3269c62ebf7ad3498f156438311735f6fa5ced5',
      bytes: 259_465_882,
    },
    cuda: [],
    unpackedBytes: 850_000_000,
  },
  {
    version: '2.19.1',
    variant: 'cpu',
    arch: 'x64',
    tensorflow: {
      file: 'tensorflow_cpu-2.19.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
      sha256: '0b6d72bd09c267e7573757bd309f5b1e2cdb02577339991da751f3a1411e4dae',
      bytes: 251_795_484,
    },
    cuda: [],
    unpackedBytes: 850_000_000,
  },
  {
    version: '2.19.1',
    variant: 'cpu',
    arch: 'arm64',
    tensorflow: {
      file: 'tensorflow-2.19.1-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl',
      sha256: '22deedc251837f2382d2b287c705705cb089bfaf79b2274b78c08740e02bf188',
      bytes: 252_660_426,
    },
    cuda: [],
    unpackedBytes: 850_000_000,
  },
];
