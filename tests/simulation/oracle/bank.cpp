#include "broker/cluster/retained/bank_block.hpp"
#include "broker/cluster/znode_paths.hpp"
#include "proto/cluster/znodes.pb.h"
#include "tests/simulation/oracle/leftovers.hpp"

namespace mqttzoo::sim {

namespace {

using support::FakeEnsemble;
namespace znode = cluster::znode;

std::uint64_t credit_of_blocks(const FakeEnsemble& ensemble) {
  std::uint64_t sum = 0;
  for (const std::string& name : ensemble.children(znode::bank_blocks)) {
    proto::BankBlock block;
    if (block.ParseFromString(*ensemble.data(znode::under(znode::bank_blocks, name)))) sum += block.credit_bytes();
  }
  return sum;
}

std::uint64_t credit_of_values(const FakeEnsemble& ensemble) {
  std::uint64_t sum = 0;
  for (const std::string& bucket : ensemble.children(znode::topics)) {
    const std::string path = znode::under(znode::topics, bucket);
    for (const std::string& name : ensemble.children(path)) {
      proto::RetainedValue value;
      if (value.ParseFromString(*ensemble.data(path + '/' + name))) sum += value.credit_bytes();
    }
  }
  return sum;
}

}  // namespace

void judge_bank(const FakeEnsemble& ensemble, Verdict& verdict) {
  proto::Bank bank;
  const auto data = ensemble.data(znode::bank);
  if (!data || !bank.ParseFromString(*data)) return;
  const std::uint64_t sum = bank.credit_bytes() + credit_of_blocks(ensemble) + credit_of_values(ensemble);
  if (sum == bank.capacity_bytes()) return;
  verdict.push_back("P9: bank, blocks and values have " + std::to_string(sum) + " bytes of credit, and there are " +
                    std::to_string(bank.capacity_bytes()));
}

}  // namespace mqttzoo::sim
