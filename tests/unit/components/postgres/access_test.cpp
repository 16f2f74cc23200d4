// From settings to an address: what counts more, what is refused, and whom a connection trusts.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "components/postgres/config.h"

namespace batchout::postgres {
namespace {

// The problems of settings written as a mapping, each as "path: message".
std::vector<std::string> problems_of(std::vector<std::pair<std::string, Node>> settings) {
  Node node = Node::mapping();
  node.add({"table", {}, "t"});
  for (auto& [key, value] : settings) node.add({key, {}, std::move(value)});
  Problems problems;
  decode<Config>(node, {.path = "o", .file = {}, .problems = &problems});
  std::vector<std::string> texts;
  for (const Problem& problem : problems) texts.push_back(problem.path + ": " + problem.message);
  return texts;
}

std::string option(const Address& address, std::string_view name) {
  const auto found = std::ranges::find(address.options, name, &Options::value_type::first);
  return found == address.options.end() ? "" : found->second;
}

Access with_uri(const char* uri) {
  Access access;
  access.uri = Secret(uri);
  return access;
}

TEST(Access, TakesAUriApart) {
  const Address address =
      with_uri("postgresql://me:p%40ss%2F@db.example:6543/ware%20house?sslmode=require&connect_timeout=3")
          .address("", Dialect::v1);
  EXPECT_EQ(address.host, "db.example");
  EXPECT_EQ(address.port, "6543");
  EXPECT_EQ(address.dbname, "ware house");
  EXPECT_EQ(address.user, "me");
  EXPECT_EQ(address.password, "p@ss/");
  EXPECT_EQ(option(address, "sslmode"), "require");
  EXPECT_EQ(option(address, "connect_timeout"), "3");
  const Address several = with_uri("postgres://u@a:1,b:2/d").address("", Dialect::v1);
  EXPECT_EQ(several.host + " " + several.port, "a,b 1,2");
  EXPECT_EQ(with_uri("postgres://u@a,b/d").address("", Dialect::v1).port, "5432");
}

TEST(Access, ASettingCountsMoreThanItsPartOfTheUri) {
  Access access = with_uri("postgresql://me:secret@there:1/one?sslmode=require&application_name=x");
  access.host = "localhost";
  access.dbname = "two";
  access.password = Secret("other");
  access.sslmode = SslMode::disable;
  access.application_name = "loader";
  const Address address = access.address("", Dialect::v1);
  EXPECT_EQ(address.host, "localhost");
  EXPECT_EQ(address.port, "1");
  EXPECT_EQ(address.dbname, "two");
  EXPECT_EQ(address.user, "me");
  EXPECT_EQ(address.password, "other");
  EXPECT_EQ(option(address, "sslmode"), "disable");
  EXPECT_EQ(option(address, "application_name"), "loader");
}

TEST(Access, NeedsDatabaseAndUserInOneOfTheTwo) {
  EXPECT_EQ(problems_of({{"uri", "postgresql://me@h/d"}}), std::vector<std::string>{});
  EXPECT_EQ(problems_of({{"url", "postgresql://h"}, {"dbname", "d"}, {"user", "u"}}), std::vector<std::string>{});
  EXPECT_EQ(problems_of({{"uri", "postgresql://h"}}),
            (std::vector<std::string>{"o.dbname: required, but not given; here or in `uri`",
                                      "o.user: required, but not given; here or in `uri`"}));
}

TEST(Access, RefusesAUriThatIsNoneWithoutRepeatingIt) {
  for (const char* uri : {"mysql://me:secret@h/d", "host=h password=secret", "postgresql://me:secret%zz@h/d",
                          "postgresql://me@h/d?password=secret&nothing=1", "postgresql://me@h/d?client_encoding=LATIN1",
                          "postgresql://me:secret@[::1/d"}) {
    const auto problems = problems_of({{"uri", uri}});
    ASSERT_EQ(problems.size(), 1u) << uri;
    EXPECT_TRUE(problems[0].starts_with("o.uri: must be postgresql://")) << problems[0];
    EXPECT_FALSE(problems[0].contains("secret")) << problems[0];
  }
}

TEST(Access, VerifiesServersElsewhereUnlessToldOtherwise) {
  ASSERT_EQ(std::getenv("PGSSLMODE"), nullptr);
  Access access;
  for (const char* host : {"localhost", "127.0.0.1", "/run/postgresql", "::1", "", "localhost,127.0.0.2"}) {
    access.host = host;
    EXPECT_EQ(option(access.address("", Dialect::v1), "sslmode"), "") << host;
    EXPECT_FALSE(access.address("", Dialect::v0_3_0).leaves_trust_open()) << host;
  }
  for (const char* host : {"db.example", "10.0.0.1", "localhost,db.example"}) {
    access.host = host;
    EXPECT_EQ(option(access.address("", Dialect::v1), "sslmode"), "verify-full") << host;
    EXPECT_EQ(option(access.address("", Dialect::v0_3_0), "sslmode"), "") << host;
    EXPECT_TRUE(access.address("", Dialect::v0_3_0).leaves_trust_open()) << host;
  }
  access.sslmode = SslMode::prefer;
  EXPECT_EQ(option(access.address("", Dialect::v1), "sslmode"), "prefer");
}

// A name of this machine, or one that begins like it, is not a place on it.
TEST(Access, WhatIsOnThisMachineIsToldByTheAddress) {
  ASSERT_EQ(std::getenv("PGHOSTADDR"), nullptr);
  Access access;
  for (const char* host : {"127.evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "127.1"}) {
    access.host = host;
    EXPECT_EQ(option(access.address("", Dialect::v1), "sslmode"), "verify-full") << host;
  }
  for (const char* uri : {"postgresql://u@localhost/d?hostaddr=10.0.0.5", "postgresql://u@/d?hostaddr=10.0.0.5",
                          "postgresql://u@db.example/d?hostaddr=127.0.0.1", "postgresql://u@localhost/d?service=s",
                          "postgresql://u@localhost,127.0.0.1/d?hostaddr=127.0.0.1,10.0.0.5"}) {
    EXPECT_EQ(option(with_uri(uri).address("", Dialect::v1), "sslmode"), "verify-full") << uri;
    EXPECT_TRUE(with_uri(uri).address("", Dialect::v0_3_0).leaves_trust_open()) << uri;
  }
  EXPECT_EQ(option(with_uri("postgresql://u@localhost/d?hostaddr=127.0.0.1").address("", Dialect::v1), "sslmode"), "");
  // A host that is given takes the place of both.
  access = with_uri("postgresql://u@localhost/d?hostaddr=10.0.0.5");
  access.host = "localhost";
  EXPECT_EQ(option(access.address("", Dialect::v1), "sslmode"), "");
  ::setenv("PGHOSTADDR", "10.0.0.5", 1);
  EXPECT_EQ(option(access.address("", Dialect::v1), "sslmode"), "verify-full");
  ::setenv("PGHOSTADDR", "127.0.0.1", 1);
  EXPECT_EQ(option(access.address("", Dialect::v1), "sslmode"), "");
  ::unsetenv("PGHOSTADDR");
}

TEST(Access, TheWatchOverAServerMayBeChangedButNotSwitchedOff) {
  for (const char* off : {"keepalives=0", "keepalives_idle=0", "tcp_user_timeout=0", "tcp_user_timeout=-1"}) {
    const auto problems = problems_of({{"uri", std::string("postgresql://u@h/d?") + off}});
    ASSERT_EQ(problems.size(), 1u) << off;
    EXPECT_TRUE(problems[0].starts_with("o.uri: keepalives and tcp_user_timeout may be changed, but not be switched"))
        << problems[0];
  }
  EXPECT_EQ(problems_of({{"uri", "postgresql://u@h/d?keepalives=1&keepalives_idle=60&tcp_user_timeout=60000"}}),
            std::vector<std::string>{});
}

TEST(Access, FilesOfCertificatesAreFoundInTheFolderOfTheConfiguration) {
  Access access = with_uri("postgresql://u@h/d?sslkey=keys/k");
  access.sslrootcert = "ca.pem";
  access.sslcert = "/etc/c";
  const Address address = access.address("/conf", Dialect::v1);
  EXPECT_EQ(option(address, "sslrootcert"), "/conf/ca.pem");
  EXPECT_EQ(option(address, "sslcert"), "/etc/c");
  EXPECT_EQ(option(address, "sslkey"), "/conf/keys/k");
}

TEST(Access, ConnectionsAreOneOnlyIfTheyTrustAlike) {
  Access one = with_uri("postgresql://u:a@h/d"), two = with_uri("postgresql://h:5432?application_name=x");
  two.user = "u";
  two.dbname = "d";
  EXPECT_EQ(one.key(""), two.key(""));
  EXPECT_FALSE(one.key("").contains(":a@")) << one.key("");
  two.sslmode = SslMode::disable;
  EXPECT_NE(one.key(""), two.key(""));
}

}  // namespace
}  // namespace batchout::postgres
